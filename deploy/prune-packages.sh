#!/bin/sh
# Removes from node_modules what the trainer does not use. A test compares what is left with what the
# remaining packages ask for, and trains with it.
set -eu
cd node_modules

# The local cloud and the build of Workers, with what only they ask for.
rm -rf node node-bin-* node-linux-* node-darwin-* node-win-*
rm -rf wrangler miniflare workerd @cloudflare esbuild @esbuild unenv undici pathe path-to-regexp
rm -rf blake3-wasm cookie error-stack-parser-es kleur youch youch-core @poppinss @sindresorhus
rm -rf @speed-highlight @cspotcode @jridgewell sharp @img @emnapi detect-libc semver tslib fsevents
rm -rf embedded-postgres @embedded-postgres async-exit-hook pg pg-* pgpass postgres-* split2 xtend
rm -rf typescript @typescript @rolldown @vitest

# Types and source maps; nothing reads them where nothing is compiled.
rm -rf @types @webgpu undici-types
find . -type f \( -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' -o -name '*.map' \) -delete

# Node loads one file of each part of TensorFlow.js, and the kernels in WebAssembly. The rest is for
# browsers, as are the polyfills.
rm -rf core-js regenerator-runtime
find @tensorflow -type f ! -name '*.node.js' ! -name '*.wasm' ! -name package.json ! -name 'LICENSE*' -delete
find @tensorflow -type d -empty -delete
