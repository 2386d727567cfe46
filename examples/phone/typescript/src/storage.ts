import { rename, readFile, rm, writeFile } from "node:fs/promises";

/** What a login has given. */
export interface Tokens {
  access: string;
  refresh: string;
}

/** Where the tokens are kept between two starts of the app: the key store of the device. */
export interface Storage {
  load(): Promise<Tokens | null>;
  save(tokens: Tokens): Promise<void>;
  clear(): Promise<void>;
}

/** A file that its owner alone can read. */
export class FileStorage implements Storage {
  constructor(private readonly path: string) {}

  async load(): Promise<Tokens | null> {
    try {
      return JSON.parse(await readFile(this.path, "utf8")) as Tokens;
    } catch {
      return null;
    }
  }

  async save(tokens: Tokens): Promise<void> {
    // Under another name first: an app that is ended in between has the old pair or the new one.
    const other = `${this.path}.new`;
    await rm(other, { force: true });
    await writeFile(other, JSON.stringify(tokens), { mode: 0o600, flag: "wx", flush: true });
    await rename(other, this.path);
  }

  async clear(): Promise<void> {
    await rm(this.path, { force: true });
  }
}
