import { Problem } from "./problem.ts";

/** Encodings of a body that are undone here, by name. */
const DECODERS: Readonly<Record<string, "gzip" | "deflate">> = {
  gzip: "gzip",
  "x-gzip": "gzip",
  deflate: "deflate",
};

/**
 * Reads a JSON body of at most `mostBytes`, counted after decompression and while it arrives: a
 * small body that unpacks into a large one is dropped at the limit.
 *
 * @throws Problem 400 `MALFORMED_JSON`, `NOT_UTF8`, `MALFORMED_BODY`; 413 `BODY_TOO_LARGE`; 415
 *   `UNKNOWN_ENCODING`.
 */
export async function readJson(request: Request, mostBytes: number): Promise<unknown> {
  const bytes = await readBytes(request, mostBytes);
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes));
  } catch (error) {
    if (error instanceof TypeError) throw new Problem(400, "NOT_UTF8", "The body is not UTF-8.");
    throw new Problem(400, "MALFORMED_JSON", `The body is not JSON: ${(error as Error).message}`);
  }
}

async function readBytes(request: Request, mostBytes: number): Promise<Uint8Array> {
  if (Number(request.headers.get("content-length") ?? 0) > mostBytes) throw tooLarge(mostBytes);
  const reader = decoded(request)?.getReader();
  if (reader === undefined) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await readChunk(reader);
    if (done) return joined(chunks, length);
    length += value.byteLength;
    if (length > mostBytes) {
      await reader.cancel().catch(() => {});
      throw tooLarge(mostBytes);
    }
    chunks.push(value);
  }
}

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array {
  if (chunks.length === 1) return chunks[0]!;
  const whole = new Uint8Array(length);
  let end = 0;
  for (const chunk of chunks) {
    whole.set(chunk, end);
    end += chunk.byteLength;
  }
  return whole;
}

function decoded(request: Request): ReadableStream<Uint8Array> | null {
  const encoding = request.headers.get("content-encoding")?.trim().toLowerCase() ?? "identity";
  if (encoding === "identity" || encoding === "" || request.body === null) return request.body;
  const decoder = Object.hasOwn(DECODERS, encoding) ? DECODERS[encoding] : undefined;
  if (decoder !== undefined) return request.body.pipeThrough(new DecompressionStream(decoder));
  throw new Problem(
    415,
    "UNKNOWN_ENCODING",
    "The body's Content-Encoding is not known here; send it plain, or as gzip or deflate.",
    { headers: { "accept-encoding": "gzip, deflate" } },
  );
}

async function readChunk(reader: ReadableStreamDefaultReader<Uint8Array>) {
  try {
    return await reader.read();
  } catch {
    throw new Problem(
      400,
      "MALFORMED_BODY",
      "The body broke off, or is not what it is encoded as.",
    );
  }
}

function tooLarge(mostBytes: number): Problem {
  return new Problem(
    413,
    "BODY_TOO_LARGE",
    `The body is larger than the ${mostBytes} bytes that a call takes. Send the events in several calls.`,
  );
}
