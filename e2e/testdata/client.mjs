// What the clients of others share: their orders, the person's browser, and the
// words in which they report.
import { createInterface } from 'node:readline';

// {issuer, client_id, client_secret, authentication, redirect_uri, scope, algorithm, parameters}
export const orders = JSON.parse(process.argv[2]);

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

// authorize has somebody sign in: it tells the test where they are to be sent, and
// hears where they came back to.
export async function authorize(url) {
  process.stdout.write(`${JSON.stringify({ authorize: url.href })}\n`);
  const { value } = await lines.next();
  return new URL(value);
}

// report tells the test what the client has learned.
export function report(learned) {
  process.stdout.write(`${JSON.stringify(learned)}\n`);
  process.exit(0);
}
