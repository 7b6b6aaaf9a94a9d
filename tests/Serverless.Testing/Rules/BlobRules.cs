namespace Serverless.Testing.Rules;

/// <summary><c>GET</c> and <c>HEAD /v2/NAME/blobs/DIGEST</c></summary>
internal static class BlobRules
{
    private static readonly string[] s_direct = ["Redirect:Enabled=false"];
    private static readonly string[] s_layer =
        ["Content-Type: application/octet-stream", "Docker-Content-Digest: {layer}", "ETag: \"{layer}\"", "Accept-Ranges: bytes"];

    public static IReadOnlyList<Rule> All { get; } =
    [
        new("GET sends the client to storage", "GET /v2/app/blobs/{layer}", 307)
        {
            Says = ["Location: http://127.0.0.1:*", "Docker-Content-Digest: {layer}", "Cache-Control: no-store"],
            Body = "",
        },
        new("GET of a range that storage can serve sends the client there", "GET /v2/app/blobs/{layer}", 307) { With = ["Range: bytes=4-8"], Says = ["Location: http://127.0.0.1:*"] },
        new("GET of the last bytes is served here", "GET /v2/app/blobs/{layer}", 206) { With = ["Range: bytes=-5"], Says = [.. s_layer, "Content-Range: bytes 15-19/20", "Content-Length: 5"], Body = "layer" },
        new("HEAD has length and digest", "HEAD /v2/app/blobs/{layer}", 200) { Says = [.. s_layer, "Content-Length: {layer.size}"] },
        new("HEAD of no bytes is a blob of length 0", "HEAD /v2/app/blobs/{empty}", 200) { Says = ["Content-Length: 0", "Docker-Content-Digest: {empty}"] },
        new("HEAD minds no range", "HEAD /v2/app/blobs/{layer}", 200) { With = ["Range: bytes=0-1"], Says = ["Content-Length: {layer.size}"], Lacks = ["Content-Range"] },
        new("The colon of a blob's digest may be encoded", "HEAD /v2/app/blobs/sha256%3a{layer.hex}", 200) { Says = s_layer },

        new("Without redirects GET has the bytes", "GET /v2/app/blobs/{layer}", 200) { Under = s_direct, Says = [.. s_layer, "Content-Length: {layer.size}"], Lacks = ["Location", "Content-Range"], Body = "{layer.bytes}" },
        new("Without redirects no bytes are no bytes", "GET /v2/app/blobs/{empty}", 200) { Under = s_direct, Says = ["Content-Length: 0"], Body = "" },
        new("A range has its bytes", "GET /v2/app/blobs/{layer}", 206) { Under = s_direct, With = ["Range: bytes=4-8"], Says = [.. s_layer, "Content-Range: bytes 4-8/20", "Content-Length: 5"], Body = "bytes" },
        new("A range without an end goes to the end", "GET /v2/app/blobs/{layer}", 206) { Under = s_direct, With = ["Range: bytes=15-"], Says = ["Content-Range: bytes 15-19/20"], Body = "layer" },
        new("A range beyond the end goes to the end", "GET /v2/app/blobs/{layer}", 206) { Under = s_direct, With = ["Range: bytes=15-99999999999"], Says = ["Content-Range: bytes 15-19/20"], Body = "layer" },
        new("More last bytes than there are is all of them", "GET /v2/app/blobs/{layer}", 206) { Under = s_direct, With = ["Range: bytes=-99"], Says = ["Content-Range: bytes 0-19/20"], Body = "{layer.bytes}" },
        new("A range behind the end cannot be satisfied", "GET /v2/app/blobs/{layer}", 416, "SIZE_INVALID") { Under = s_direct, With = ["Range: bytes=20-"], Says = ["Content-Range: bytes */20"] },
        new("A range of no bytes cannot be satisfied", "GET /v2/app/blobs/{empty}", 416, "SIZE_INVALID") { Under = s_direct, With = ["Range: bytes=0-"], Says = ["Content-Range: bytes */0"] },
        new("The last bytes of no bytes are no bytes", "GET /v2/app/blobs/{empty}", 200) { With = ["Range: bytes=-1"], Says = ["Content-Length: 0"], Lacks = ["Content-Range"], Body = "" },
        new("The last none of no bytes cannot be satisfied", "GET /v2/app/blobs/{empty}", 416, "SIZE_INVALID") { With = ["Range: bytes=-0"], Says = ["Content-Range: bytes */0"] },
        new("A range that ends beyond all numbers goes to the end", "GET /v2/app/blobs/{layer}", 206) { Under = s_direct, With = ["Range: bytes=15-99999999999999999999999"], Says = ["Content-Range: bytes 15-19/20"], Body = "layer" },
        new("Several ranges are the whole", "GET /v2/app/blobs/{layer}", 200) { Under = s_direct, With = ["Range: bytes=0-1,4-5"], Lacks = ["Content-Range"], Body = "{layer.bytes}" },
        new("A range in another unit is the whole", "GET /v2/app/blobs/{layer}", 200) { Under = s_direct, With = ["Range: layers=0-1"], Lacks = ["Content-Range"], Body = "{layer.bytes}" },
        new("A range that ends before it begins cannot be satisfied", "GET /v2/app/blobs/{layer}", 416, "SIZE_INVALID") { Under = s_direct, With = ["Range: bytes=8-4"], Says = ["Content-Range: bytes */20"] },
        new("A range beyond all numbers cannot be satisfied", "GET /v2/app/blobs/{layer}", 416, "SIZE_INVALID") { Under = s_direct, With = ["Range: bytes=99999999999999999999-"], Says = ["Content-Range: bytes */20"] },
        new("A range that is no number is the whole", "GET /v2/app/blobs/{layer}", 200) { Under = s_direct, With = ["Range: bytes=one-two"], Lacks = ["Content-Range"], Body = "{layer.bytes}" },
        new("A range of nothing is the whole", "GET /v2/app/blobs/{layer}", 200) { Under = s_direct, With = ["Range: bytes=-"], Lacks = ["Content-Range"], Body = "{layer.bytes}" },
        new("A range that cannot be satisfied is not storage's to refuse", "GET /v2/app/blobs/{layer}", 416, "SIZE_INVALID") { With = ["Range: bytes=500000-"], Says = ["Content-Range: bytes */20"] },
        new("A range that ends before it begins is not storage's to refuse", "GET /v2/app/blobs/{layer}", 416, "SIZE_INVALID") { With = ["Range: bytes=500-0"], Says = ["Content-Range: bytes */20"] },

        new("Whoever has a blob already gets nothing", "GET /v2/app/blobs/{layer}", 304) { With = ["If-None-Match: \"{layer}\""], Says = ["ETag: \"{layer}\"", "Docker-Content-Digest: {layer}"], Lacks = ["Location"], Body = "" },
        new("Whoever has a blob already gets nothing from here", "GET /v2/app/blobs/{layer}", 304) { Under = s_direct, With = ["If-None-Match: \"x\", W/\"{layer}\""], Says = ["ETag: \"{layer}\""], Body = "" },
        new("Whoever has any content of a blob has it", "GET /v2/app/blobs/{layer}", 304) { With = ["If-None-Match: *"] },
        new("Whoever leaves out the quotation marks has a blob all the same", "GET /v2/app/blobs/{layer}", 304) { With = ["If-None-Match: {layer}"] },
        new("HEAD of a blob that one has is unchanged", "HEAD /v2/app/blobs/{layer}", 304) { With = ["If-None-Match: \"{layer}\""] },
        new("Whoever has another blob is sent to storage", "GET /v2/app/blobs/{layer}", 307) { With = ["If-None-Match: \"other\""] },
        new("Whoever has what is no entity tag is sent to storage", "GET /v2/app/blobs/{layer}", 307) { With = ["If-None-Match: other"] },
        new("A blob that is not what it must be is refused", "GET /v2/app/blobs/{layer}", 412, "UNSUPPORTED") { With = ["If-Match: \"other\""], Lacks = ["Location"] },
        new("A blob that is not what it must be is refused from here", "GET /v2/app/blobs/{layer}", 412, "UNSUPPORTED") { Under = s_direct, With = ["If-Match: \"other\""] },
        new("A weak tag is no condition for a blob to meet", "GET /v2/app/blobs/{layer}", 412, "UNSUPPORTED") { With = ["If-Match: W/\"{layer}\""] },
        new("HEAD of a blob that is not what it must be is refused", "HEAD /v2/app/blobs/{layer}", 412) { With = ["If-Match: \"other\""] },
        new("A blob that is what it must be is served here, where its tag is known", "GET /v2/app/blobs/{layer}", 200) { With = ["If-Match: \"{layer}\""], Body = "{layer.bytes}" },
        new("A blob that must be anything is sent to storage", "GET /v2/app/blobs/{layer}", 307) { With = ["If-Match: *"] },
        new("What must be comes before what one has", "GET /v2/app/blobs/{layer}", 412, "UNSUPPORTED") { With = ["If-Match: \"other\"", "If-None-Match: \"{layer}\""] },
        new("A range of another blob is the whole of this one", "GET /v2/app/blobs/{layer}", 200) { With = ["Range: bytes=0-3", "If-Range: \"other\""], Lacks = ["Content-Range"], Body = "{layer.bytes}" },
        new("A range of another blob is the whole of this one from here", "GET /v2/app/blobs/{layer}", 200) { Under = s_direct, With = ["Range: bytes=0-3", "If-Range: \"other\""], Body = "{layer.bytes}" },
        new("A range of this very blob is its bytes", "GET /v2/app/blobs/{layer}", 206) { With = ["Range: bytes=4-8", "If-Range: \"{layer}\""], Says = ["Content-Range: bytes 4-8/20"], Body = "bytes" },
        new("A range of a day is the whole, since nothing has a date", "GET /v2/app/blobs/{layer}", 200) { With = ["Range: bytes=4-8", "If-Range: Wed, 21 Oct 2015 07:28:00 GMT"], Body = "{layer.bytes}" },
        new("A blob that must be old is served here, since nothing has a date", "GET /v2/app/blobs/{layer}", 200) { With = ["If-Unmodified-Since: Wed, 21 Oct 2015 07:28:00 GMT"], Body = "{layer.bytes}" },

        new("A blob that is not there is unknown", "GET /v2/app/blobs/{zeros}", 404, "BLOB_UNKNOWN"),
        new("HEAD of a blob that is not there has no body", "HEAD /v2/app/blobs/{zeros}", 404) { Lacks = ["Docker-Content-Digest"] },
        new("A blob in a repository that is not there is unknown", "GET /v2/none/blobs/{layer}", 404, "BLOB_UNKNOWN"),
        new("A blob of another repository is unknown", "GET /v2/base/blobs/{layer}", 404, "BLOB_UNKNOWN"),
        new("HEAD of a blob of another repository is unknown", "HEAD /v2/base/blobs/{layer}", 404),
        new("The last bytes of a blob of another repository are unknown", "GET /v2/base/blobs/{layer}", 404, "BLOB_UNKNOWN") { With = ["Range: bytes=-1"] },
        new("A blob is under its own algorithm", "GET /v2/app/blobs/{sha512 x}", 404, "BLOB_UNKNOWN"),
        new("A manifest is no blob", "GET /v2/app/blobs/{image}", 404, "BLOB_UNKNOWN"),
        new("A tag is no digest of a blob", "GET /v2/app/blobs/v1", 400, "DIGEST_INVALID"),
        new("A blob's digest in upper case is invalid", "GET /v2/app/blobs/SHA256:{layer.hex}", 400, "DIGEST_INVALID"),
        new("A blob's digest with something behind it is invalid", "GET /v2/app/blobs/{layer}0", 400, "DIGEST_INVALID"),
        new("A blob's digest with a line feed behind it is invalid", "GET /v2/app/blobs/{layer}%0A", 400, "DIGEST_INVALID"),
        new("HEAD of a digest that is none has no body", "HEAD /v2/app/blobs/sha256:00", 400),
        new("A name that is no name has no blobs", "GET /v2/a__b__/blobs/{layer}", 400, "NAME_INVALID"),
        new("A blob takes no PUT", "PUT /v2/app/blobs/{layer}", 405, "UNSUPPORTED") { Sends = "" },
        new("A blob takes no POST", "POST /v2/app/blobs/{layer}", 405, "UNSUPPORTED"),
    ];
}
