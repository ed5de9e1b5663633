/**
 * What is done beside the blocks, again and again.
 *
 * Invariant: one round at a time; what a round throws ends the rounds and comes out where they are stopped.
 */

/** Runs work again and again; the function that is returned ends that, and throws what the work threw. */
export function repeated(work: () => Promise<void>, pauseMs: number): () => Promise<void> {
  let isStopped = false;
  let failure: unknown;
  const running = (async () => {
    while (!isStopped && failure === undefined) {
      await work().catch((error: unknown) => {
        failure = error;
      });
      await new Promise((done) => setTimeout(done, pauseMs));
    }
  })();
  return async () => {
    isStopped = true;
    await running;
    if (failure !== undefined) throw failure;
  };
}
