# Makes OCI image layouts out of files, with nothing but coreutils, tar, gzip and jq. Source it after lib.sh.

# Fast bytes that do not compress and that nobody has seen before.
random_bytes() { # COUNT
  openssl enc -aes-128-ctr -pass "pass:$RANDOM$RANDOM$RANDOM$EPOCHREALTIME" -nosalt -in /dev/zero 2>/dev/null | head -c "$1" || true
}

# Moves a file into the layout's blobs and prints its descriptor.
add_blob() { # LAYOUT FILE MEDIA-TYPE
  local digest size
  digest=$(digest_of "$2")
  size=$(size_of "$2")
  mkdir -p "$1/blobs/sha256"
  mv "$2" "$1/blobs/sha256/${digest#sha256:}"
  jq -cn --arg t "$3" --arg d "$digest" --argjson s "$size" '{mediaType: $t, digest: $d, size: $s}'
}

# Adds a tar as a layer: its descriptor goes to LAYOUT.layers and its diff id to LAYOUT.diffs.
add_layer() { # LAYOUT TAR [gzip]
  digest_of "$2" | jq -R . >>"$1.diffs"
  if [[ ${3:-} == gzip ]]; then
    gzip -1n "$2"
    add_blob "$1" "$2.gz" "$OCI_LAYER+gzip" >>"$1.layers"
  else
    add_blob "$1" "$2" "$OCI_LAYER" >>"$1.layers"
  fi
}

# Writes config, manifest and index of the layers added so far.
finish_layout() { # LAYOUT TAG
  local config manifest
  jq -s '{architecture: "amd64", os: "linux", config: {}, rootfs: {type: "layers", diff_ids: .}}' "$1.diffs" >"$1.config"
  config=$(add_blob "$1" "$1.config" "$OCI_CONFIG")
  jq -s --argjson c "$config" --arg t "$OCI_MANIFEST" '{schemaVersion: 2, mediaType: $t, config: $c, layers: .}' "$1.layers" >"$1.manifest"
  manifest=$(add_blob "$1" "$1.manifest" "$OCI_MANIFEST")
  jq -n --argjson m "$manifest" --arg tag "$2" --arg t "$OCI_INDEX" \
    '{schemaVersion: 2, mediaType: $t, manifests: [$m + {annotations: {"org.opencontainers.image.ref.name": $tag}}]}' >"$1/index.json"
  echo '{"imageLayoutVersion":"1.0.0"}' >"$1/oci-layout"
}

# One layer of noise. Packed it stays as large, and clients know its length; unpacked they compress it on the way, so they do not know it.
make_layout() { # LAYOUT MIB [gzip]
  mkdir -p "$1.files"
  random_bytes $(($2 << 20)) >"$1.files/data"
  tar -C "$1.files" --numeric-owner -cf "$1.tar" data
  rm -r "$1.files"
  add_layer "$1" "$1.tar" "${3:-}"
  finish_layout "$1" v1
}

LARGE_MIB=${LARGE_MIB:-1024}

# Twelve layers of $LARGE_MIB in all: ten of this machine's files, then two of noise. The large ones come last: vfs storage copies what lies below a layer.
make_large_layout() { # LAYOUT TAG
  local layout=$1 i total rest
  # Each file goes to the first of ten layers of at most 24 MB.
  { find /usr/lib /usr/share -xdev -type f -size -16M -printf '%s %P\t%H\n' 2>/dev/null || true; } | sort -k2 | awk -F'\t' -v prefix="$layout.list." '
    { split($1, size, " "); path = $1; sub(/^[0-9]+ /, "", path) }
    sum + size[1] > 24e6 { sum = 0; layer++ }
    layer < 10 { sum += size[1]; print substr($2, 2) "/" path > (prefix layer + 0) }'
  for i in {0..9}; do
    tar -C / --numeric-owner -cf "$layout.$i.tar" -T "$layout.list.$i"
    add_layer "$layout" "$layout.$i.tar" "$( ((i % 3)) && echo gzip || true)"
  done
  total=$(du -sb "$layout/blobs" | cut -f1)
  rest=$(((LARGE_MIB << 20) - total))
  ((rest > 0)) || { echo "the files alone are $((total >> 20)) MiB: LARGE_MIB must be more"; return 1; }
  for i in 10 11; do
    mkdir -p "$layout.noise"
    random_bytes $((rest / 2)) >"$layout.noise/data$i"
    tar -C "$layout.noise" --numeric-owner -cf "$layout.$i.tar" "data$i"
    rm -r "$layout.noise"
    add_layer "$layout" "$layout.$i.tar"
  done
  finish_layout "$layout" "$2"
}

# The same, kept in $LARGE_LAYOUT for the scripts that come after, where that is set: it takes a while to make.
find_large_layout() { # LAYOUT TAG
  if [[ -n ${LARGE_LAYOUT:-} && -e $LARGE_LAYOUT/index.json ]]; then
    cp -r --reflink=auto "$LARGE_LAYOUT" "$1"
    return 0
  fi
  make_large_layout "$1" "$2"
  [[ -z ${LARGE_LAYOUT:-} ]] || cp -r --reflink=auto "$1" "$LARGE_LAYOUT"
}

# The manifest of a layout and every blob that it reaches, one digest a line.
reachable() { # LAYOUT
  local manifest
  manifest=$(jq -r '.manifests[0].digest' "$1/index.json")
  echo "$manifest"
  jq -r '.config.digest, .layers[].digest' "$1/blobs/sha256/${manifest#sha256:}"
}
