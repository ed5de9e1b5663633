/**
 * The journal: an append-only file of JSON records, one a line, each with a checksum. A record is on the disk when
 * `append` returns, so what was acknowledged after it survives `kill -9` and a power cut.
 *
 * Invariant: only the last line can be torn, and a torn line was never acknowledged: it is cut off when the journal is
 * opened. Damage anywhere else is an error, never a silent loss.
 */
import { type FileHandle, open } from "node:fs/promises";
import { keccak256, toUtf8Bytes } from "ethers";

export class JournalError extends Error {
  constructor(path: string, line: number) {
    super(`${path}: line ${line} is damaged; restore the file from a copy`);
    this.name = "JournalError";
  }
}

const checksumOf = (text: string): string => keccak256(toUtf8Bytes(text)).slice(2, 18);

export class Journal<Entry> {
  readonly #file: FileHandle;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** Opens or creates a journal; `entries` is what it holds, oldest first. */
  static async open<Entry>(path: string): Promise<{ journal: Journal<Entry>; entries: Entry[] }> {
    const file = await open(path, "a+");
    try {
      return { journal: new Journal<Entry>(file), entries: await readEntries<Entry>(path, file) };
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Appends an entry; it is on the disk when the promise is fulfilled. */
  async append(entry: Entry): Promise<void> {
    const json = JSON.stringify(entry);
    await this.#file.appendFile(`${checksumOf(json)} ${json}\n`);
    await this.#file.datasync();
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

/** What the file holds; a torn last line is cut off. */
async function readEntries<Entry>(path: string, file: FileHandle): Promise<Entry[]> {
  const bytes = await file.readFile();
  const lines = bytes.toString("utf8").split("\n");
  const torn = lines.pop() ?? "";
  const entries = lines.map((line, i) => {
    const json = line.slice(17);
    if (checksumOf(json) !== line.slice(0, 16)) throw new JournalError(path, i + 1);
    return JSON.parse(json) as Entry;
  });
  if (torn !== "") {
    await file.truncate(bytes.length - Buffer.byteLength(torn));
    await file.sync();
  }
  return entries;
}
