// An authenticator app (RFC 6238).

import { createHmac } from "node:crypto";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const SECONDS = 30;

function bytesOf(secret) {
  const bits = [...secret.replaceAll("=", "")].map((letter) =>
    ALPHABET.indexOf(letter).toString(2).padStart(5, "0"),
  );
  return Buffer.from(bits.join("").match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
}

function codeOf(secret, step) {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const digest = createHmac("sha1", bytesOf(secret)).update(counter).digest();
  const number = digest.readUInt32BE(digest.at(-1) & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, "0");
}

/** An app with a secret. Each code works once, so that the next one is of a later step. */
export class AuthenticatorApp {
  #last = 0;

  constructor(secret) {
    this.secret = secret;
  }

  /** A code that has not been used. The server takes one of the next step, for clocks that differ. */
  async code() {
    const step = () => Math.floor(Date.now() / 1000 / SECONDS);
    while (step() + 1 <= this.#last) await new Promise((done) => setTimeout(done, 250));
    this.#last = Math.max(this.#last + 1, step());
    return codeOf(this.secret, this.#last);
  }
}
