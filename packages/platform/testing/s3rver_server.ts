import process from "node:process";
import S3rver from "s3rver";

/** Runs s3rver in a directory until it is killed; prints its port. */
async function main(directory: string, bucket: string): Promise<void> {
  const server = new S3rver({
    address: "127.0.0.1",
    port: 0,
    silent: true,
    directory,
    vhostBuckets: false,
    configureBuckets: [{ name: bucket }],
  });
  const { port } = await server.run();
  console.log(port);
}

void main(process.argv[2]!, process.argv[3]!);
