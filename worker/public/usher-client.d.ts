/** What `npm run client` makes `usher-client.js` from. */
export * from "../../client/index.ts";
