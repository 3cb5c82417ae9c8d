declare module "*.mmdb" {
  const bytes: ArrayBuffer;
  // eslint-disable-next-line no-restricted-syntax -- that is how a bundler gives data
  export default bytes;
}
