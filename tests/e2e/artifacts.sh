# Artifacts with a subject as ORAS pushes them, and every way to delete, by curl and skopeo. flows.sh sources it: the images are flows/app:v1 and :v2.

# --- artifacts ---------------------------------------------------------------------------------------------------------------------------------

put_blob() { # REPOSITORY FILE
  same 202 "$(status POST "$1/blobs/uploads/")" 'status of POST'
  same 201 "$(request "$WORK/h" -T "$2" "$(with_digest "$(location "$WORK/h")" "$(digest_of "$2")")")" 'status of PUT'
}

# An artifact manifest in FILE, of one blob and the empty config.
make_artifact() { # FILE ARTIFACT-TYPE BLOB-FILE SUBJECT-DIGEST SUBJECT-SIZE
  jq -n --arg m "$OCI_MANIFEST" --arg t "$2" --arg e "$(digest_of "$WORK/empty")" --arg b "$(digest_of "$3")" --argjson size "$(size_of "$3")" \
    --arg s "$4" --argjson ss "$5" '{
      schemaVersion: 2, mediaType: $m, artifactType: $t, config: {mediaType: "application/vnd.oci.empty.v1+json", digest: $e, size: 2},
      layers: [{mediaType: $t, digest: $b, size: $size}], subject: {mediaType: $m, digest: $s, size: $ss},
      annotations: {"org.example.made-for": $t}}' >"$1"
}

put_manifest() { # REPOSITORY REFERENCE FILE
  same 201 "$(status PUT "$1/manifests/$2" -H "Content-Type: $OCI_MANIFEST" --data-binary "@$3")" 'status of the manifest'
  same "$(digest_of "$3")" "$(header "$WORK/h" Docker-Content-Digest)" digest
}

referrers() { get "flows/app/referrers/$1" "${@:2}" | jq -r "[.manifests[].digest] | sort | join(\",\")"; } # SUBJECT [CURL-ARGUMENTS...]
sorted() { printf '%s\n' "$@" | LC_ALL=C sort | paste -sd,; }

sbom_type=application/vnd.example.sbom+json signature_type=application/vnd.example.signature
subject=$(manifest_digest "$second")
absent=sha256:$(printf 'nobody pushed this' | sha256sum | cut -d' ' -f1)
printf '{}' >"$WORK/empty"
printf '{"bom":[]}' >"$WORK/sbom"
random_bytes 5000 >"$WORK/signature"
make_artifact "$WORK/sbom.json" "$sbom_type" "$WORK/sbom" "$subject" "$(size_of "$(manifest_file "$second")")"
make_artifact "$WORK/signature.json" "$signature_type" "$WORK/signature" "$subject" "$(size_of "$(manifest_file "$second")")"
make_artifact "$WORK/orphan.json" "$sbom_type" "$WORK/sbom" "$absent" 123
sbom=$(digest_of "$WORK/sbom.json") signature=$(digest_of "$WORK/signature.json") orphan=$(digest_of "$WORK/orphan.json")

no_referrers() {
  same '' "$(referrers "$subject")" referrers
  same '' "$(referrers "$absent")" 'referrers of what is not there'
}

artifact_without_blob() {
  same 400 "$(status PUT "flows/app/manifests/$sbom" -H "Content-Type: $OCI_MANIFEST" --data-binary "@$WORK/sbom.json")" status
  same '' "$(referrers "$subject")" referrers
}

push_artifacts() {
  local file
  for file in empty sbom signature; do put_blob flows/app "$WORK/$file"; done
  put_manifest flows/app "$sbom" "$WORK/sbom.json"
  same "$subject" "$(header "$WORK/h" OCI-Subject)" OCI-Subject
  put_manifest flows/app signed "$WORK/signature.json"
  same "$subject" "$(header "$WORK/h" OCI-Subject)" OCI-Subject
}

list_referrers() {
  same 200 "$(status GET "flows/app/referrers/$subject")" status
  same "$OCI_INDEX" "$(header "$WORK/h" Content-Type)" Content-Type
  same '' "$(header "$WORK/h" OCI-Filters-Applied)" OCI-Filters-Applied
  get "flows/app/referrers/$subject" >"$WORK/referrers.json"
  same "2 $OCI_INDEX" "$(jq -r '"\(.schemaVersion) \(.mediaType)"' "$WORK/referrers.json")" index
  same "$(sorted "$sbom" "$signature")" "$(referrers "$subject")" referrers
  jq -e --arg d "$sbom" --arg t "$sbom_type" --arg m "$OCI_MANIFEST" --argjson size "$(size_of "$WORK/sbom.json")" '
    .manifests[] | select(.digest == $d) ==
      {mediaType: $m, digest: $d, size: $size, artifactType: $t, annotations: {"org.example.made-for": $t}}' "$WORK/referrers.json"
}

filter_referrers() {
  same 200 "$(status GET "flows/app/referrers/$subject" -G --data-urlencode "artifactType=$sbom_type")" status
  same artifactType "$(header "$WORK/h" OCI-Filters-Applied)" OCI-Filters-Applied
  same "$sbom" "$(referrers "$subject" -G --data-urlencode "artifactType=$sbom_type")" 'of one type'
  same "$signature" "$(referrers "$subject" -G --data-urlencode "artifactType=$signature_type")" 'of the other type'
  same '' "$(referrers "$subject" -G --data-urlencode 'artifactType=application/none')" 'of no type'
}

absent_subject() {
  put_manifest flows/app "$orphan" "$WORK/orphan.json"
  same "$absent" "$(header "$WORK/h" OCI-Subject)" OCI-Subject
  same 404 "$(status GET "flows/app/manifests/$absent")" 'status of the subject'
  same "$orphan" "$(referrers "$absent")" referrers
  same "$(sorted "$sbom" "$signature")" "$(referrers "$subject")" 'referrers of the other subject'
}

check 'before any artifact the list of referrers is empty' no_referrers
check 'an artifact without its blobs is refused' artifact_without_blob
check 'artifacts are pushed by digest and by tag' push_artifacts
check 'referrers are listed with type and annotations' list_referrers
check 'referrers are filtered by type' filter_referrers
check 'an artifact may come before its subject' absent_subject

# --- deleting ----------------------------------------------------------------------------------------------------------------------------------

delete_artifact_by_digest() {
  same 202 "$(status DELETE "flows/app/manifests/$sbom")" status
  same 404 "$(status GET "flows/app/manifests/$sbom")" 'status of the artifact'
  same "$signature" "$(referrers "$subject")" referrers
  same 404 "$(status DELETE "flows/app/manifests/$sbom")" 'status of the second DELETE'
}

delete_tag() {
  same 202 "$(status DELETE flows/app/manifests/signed)" status
  same 404 "$(status HEAD flows/app/manifests/signed)" 'status of the tag'
  same 200 "$(status HEAD "flows/app/manifests/$signature")" 'status of its manifest'
  same "$signature" "$(referrers "$subject")" referrers
  same 404 "$(status DELETE flows/app/manifests/signed)" 'status of the second DELETE'
}

# skopeo asks for the tag's digest and deletes that, so the alias goes with it.
delete_by_skopeo() {
  skopeo delete --tls-verify=false "$app:v1"
  same v2 "$(tags flows/app)" tags
  refuses skopeo inspect --raw --tls-verify=false "$app:v1"
  same 404 "$(status HEAD "flows/app/manifests/$(manifest_digest "$first")")" 'status of the manifest'
  skopeo inspect --raw --tls-verify=false "$app:v2" | cmp - "$(manifest_file "$second")"
  get copies/skopeo/manifests/v1 | cmp - "$(manifest_file "$first")"
  copy "$source_tls" "docker://$REGISTRY/copies/skopeo:v1" "oci:$WORK/still:v1"
}

# A link of one repository goes; the same blob in another one stays.
delete_blob() {
  local layer
  layer=$(layers_of "$first" | head -n 1)
  same 200 "$(status HEAD "flows/app/blobs/$layer")" 'status before'
  same 202 "$(status DELETE "flows/app/blobs/$layer")" status
  same 404 "$(status HEAD "flows/app/blobs/$layer")" 'status after'
  same 404 "$(status DELETE "flows/app/blobs/$layer")" 'status of the second DELETE'
  same "$layer" "sha256:$(get "copies/skopeo/blobs/$layer" -L | sha256sum | cut -d' ' -f1)" 'blob elsewhere'
}

delete_subject() {
  same 202 "$(status DELETE "flows/app/manifests/$subject")" status
  same '' "$(tags flows/app)" tags
  same "$signature" "$(referrers "$subject")" 'referrers, which outlive their subject'
}

push_again() {
  copy "$target_tls" "oci:$first:image" "$app:v1"
  same v1 "$(tags flows/app)" tags
  copy "$source_tls" "$app:v1" "oci:$WORK/again:v1"
  same "$(manifest_digest "$first")" "$(manifest_digest "$WORK/again")" digest
}

check 'an artifact deleted by digest is no longer a referrer' delete_artifact_by_digest
check 'a tag is deleted and its manifest stays' delete_tag
check 'skopeo deletes an image with its tags and no others' --needs skopeo delete_by_skopeo
check 'a blob is deleted from one repository and stays in another' --needs skopeo delete_blob
check 'a subject is deleted and its artifacts stay' delete_subject
check 'what was deleted is pushed again' --needs skopeo push_again
