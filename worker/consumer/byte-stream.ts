/**
 * Pieces of text as a stream of bytes that can be handed to another Worker: the next piece is asked
 * for when the reader wants it, and the pieces are ended when the reader goes.
 */
export function byteStream(
  pieces: AsyncGenerator<string>,
  onEnd: () => void,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    type: "bytes",
    async pull(controller) {
      try {
        const { done, value } = await pieces.next();
        if (done !== true) return controller.enqueue(encoder.encode(value));
        controller.close();
      } catch (error) {
        controller.error(error);
      }
      onEnd();
    },
    async cancel() {
      await pieces.return(undefined);
      onEnd();
    },
  });
}
