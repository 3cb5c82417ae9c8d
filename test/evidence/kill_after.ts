/** Kills a child with SIGKILL after some time, unless it ends before. */
export async function killAfter(child: Deno.ChildProcess, ms: number): Promise<Deno.CommandOutput> {
  const kill = () => {
    try {
      child.kill("SIGKILL");
    } catch (error) {
      // It ended in this moment.
      if (!(error instanceof TypeError)) throw error;
    }
  };
  const timer = setTimeout(kill, ms);
  const output = await child.output();
  clearTimeout(timer);
  return output;
}
