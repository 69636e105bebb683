#!/bin/sh
# Streams the orders of a shop's own Postgres into Usher: nothing is written between the two. Run it
# again whenever you like, by cron for instance: what was imported before is known by its id.
set -eu
here=$(dirname "$0")
query=$(grep -v '^--' "$here/orders.sql")
psql "$SHOP_DATABASE" --no-psqlrc --quiet --command "copy ($query) to stdout with (format csv, header)" |
  npx usher import --stdin --mapping "$here/mapping.json" "$@"
