// Reads the mails that the server writes into a folder, one file each.

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** The text of a mail whose lines quoted-printable has broken and whose letters it has replaced. */
function decoded(mail) {
  const text = mail.replaceAll("\r\n", "\n");
  if (!/^content-transfer-encoding: quoted-printable$/im.test(text)) return text;
  return text
    .replace(/=\n/g, "")
    .replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** The mails of a folder, the newest first. Their names begin with the time. */
async function mailsIn(folder) {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".eml")).sort().reverse();
  return Promise.all(names.map(async (name) => decoded(await readFile(join(folder, name), "utf8"))));
}

/** Waits for a mail to an address that has a link to a page; the link. */
export async function linkIn(folder, address, page) {
  const links = (mail) => mail.match(/https?:\/\/\S+/g) ?? [];
  const isTo = (mail) => /^to: (.*)$/im.exec(mail)?.[1].includes(address);
  for (let attempt = 0; attempt < 150; attempt += 1) {
    const found = (await mailsIn(folder)).filter(isTo).flatMap(links);
    const link = found.find((link) => new URL(link).pathname.startsWith(page));
    if (link) return link;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`no mail to ${address} has a link to ${page}`);
}
