/** A response whose body tells when it was sent, failed, or is wanted no more; what it gives is passed on as it is. */
export function holdBody(response: Response, release: () => void): Response {
  if (response.body === null) {
    release();
    return response;
  }
  const reader = response.body.getReader();
  const body = new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      try {
        const { value } = await reader.read();
        if (value !== undefined) return controller.enqueue(value);
        release();
        controller.close();
      } catch (error) {
        release();
        controller.error(error);
      }
    },
    cancel: (reason) => {
      release();
      return reader.cancel(reason);
    },
    // Nothing is read ahead: who sends the answers waits for who reads them.
  }, { highWaterMark: 0 });
  return new Response(body, response);
}
