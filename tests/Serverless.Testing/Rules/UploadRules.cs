namespace Serverless.Testing.Rules;

/// <summary><c>GET</c>, <c>PATCH</c>, <c>PUT</c> and <c>DELETE /v2/NAME/blobs/uploads/ID</c></summary>
internal static class UploadRules
{
    private const string Nobody = "/v2/{app}/blobs/uploads/00000000000000000000000000000000";
    private static readonly string[] s_created = ["Location: /v2/{app}/blobs/{sha256 abcdef}", "Docker-Content-Digest: {sha256 abcdef}", "Content-Length: 0"];
    private static readonly string[] s_three = ["Location: /v2/{app}/blobs/uploads/*", "Range: 0-2"];

    public static IReadOnlyList<Rule> All { get; } =
    [
        new("The status of a new upload is empty", "GET {upload}", 204) { Says = ["Range: 0-0", "Docker-Upload-UUID: {upload.id}", "Location: /v2/{app}/blobs/uploads/{upload.id}*"], Body = "" },
        new("The status of an upload is its last byte", "GET {begun}", 204) { Says = s_three, Body = "" },
        new("HEAD of an upload is its status", "HEAD {begun}", 204) { Says = s_three },

        new("A first chunk is taken", "PATCH {upload}", 202) { Sends = "abc", With = ["Content-Range: 0-2"], Says = [.. s_three, "Docker-Upload-UUID: {upload.id}", "Content-Length: 0"] },
        new("A first chunk need not say where it belongs", "PATCH {upload}", 202) { Sends = "abc", Says = s_three },
        new("A next chunk is taken, and the range is that of the whole upload", "PATCH {begun}", 202) { Sends = "def", With = ["Content-Range: 3-5"], Says = ["Range: 0-5"] },
        new("A next chunk without a range is appended", "PATCH {begun}", 202) { Sends = "def", Says = ["Range: 0-5"] },
        new("A chunk may leave open how much there will be", "PATCH {upload}", 202) { Sends = "abc", With = ["Content-Range: 0-2/*"], Says = s_three },
        new("A last chunk may leave open how much there was", "PUT {begun}&digest={sha256 abcdef}", 201) { Sends = "def", With = ["Content-Range: 3-5/*"], Says = s_created },
        new("A chunk of no bytes is taken", "PATCH {upload}", 202) { Sends = "", Says = ["Range: 0-0"] },
        new("A chunk of one byte makes the same range as none", "PATCH {upload}", 202) { Sends = "a", With = ["Content-Range: 0-0"], Says = ["Range: 0-0"] },
        new("A chunk may come in pieces of HTTP", "PATCH {begun}", 202) { Sends = "def", With = ["Transfer-Encoding: chunked", "Content-Range: 3-5"], Says = ["Range: 0-5"] },
        new("A chunk's location has nothing of forwarded hosts", "PATCH {upload}", 202) { Sends = "abc", With = ["Host: evil.example", "X-Forwarded-Host: evil.example"], Says = s_three },

        new("A first chunk that begins later is out of order", "PATCH {upload}", 416, "BLOB_UPLOAD_INVALID") { Sends = "abc", With = ["Content-Range: 3-5"], Says = ["Location: /v2/{app}/blobs/uploads/*", "Range: 0-0"] },
        new("A chunk that comes twice is out of order", "PATCH {begun}", 416, "BLOB_UPLOAD_INVALID") { Sends = "abc", With = ["Content-Range: 0-2"], Says = s_three },
        new("A chunk that overlaps is out of order", "PATCH {begun}", 416, "BLOB_UPLOAD_INVALID") { Sends = "cde", With = ["Content-Range: 2-4"], Says = s_three },
        new("A chunk that leaves a gap is out of order", "PATCH {begun}", 416, "BLOB_UPLOAD_INVALID") { Sends = "efg", With = ["Content-Range: 4-6"], Says = s_three },
        new("A last chunk that comes twice is out of order", "PUT {begun}&digest={sha256 abcdef}", 416, "BLOB_UPLOAD_INVALID") { Sends = "abc", With = ["Content-Range: 0-2"], Says = s_three },
        new("A last chunk that overlaps is out of order", "PUT {begun}&digest={sha256 abcdef}", 416, "BLOB_UPLOAD_INVALID") { Sends = "cdef", With = ["Content-Range: 2-5"], Says = s_three },
        new("A last chunk that leaves a gap is out of order", "PUT {begun}&digest={sha256 abcdef}", 416, "BLOB_UPLOAD_INVALID") { Sends = "ef", With = ["Content-Range: 4-5"], Says = s_three },

        new("A chunk out of order and of another length than it says is out of order", "PATCH {begun}", 416, "BLOB_UPLOAD_INVALID") { Sends = "abcdefgh", With = ["Content-Range: 0-2"], Says = s_three },
        new("A chunk behind a gap and of another length than it says is out of order", "PATCH {begun}", 416, "BLOB_UPLOAD_INVALID") { Sends = "a", With = ["Content-Range: 4-22"], Says = s_three },
        new("A first chunk out of order and of another length is out of order", "PATCH {upload}", 416, "BLOB_UPLOAD_INVALID") { Sends = "a", With = ["Content-Range: 3-22"], Says = ["Range: 0-0"] },
        new("A last chunk out of order and of another length is out of order", "PUT {begun}&digest={sha256 abcdef}", 416, "BLOB_UPLOAD_INVALID") { Sends = "a", With = ["Content-Range: 2-22"], Says = s_three },
        new("A chunk at the first place, sent twice and shorter the second time, is out of order", "PATCH {first}", 416, "BLOB_UPLOAD_INVALID") { Sends = "ab", With = ["Content-Range: 0-2"], Says = s_three },
        new("A chunk at the first place, sent twice and in pieces that are too short, is out of order", "PATCH {first}", 416, "BLOB_UPLOAD_INVALID")
        {
            Sends = "ab", With = ["Transfer-Encoding: chunked", "Content-Range: 0-2"], Says = s_three,
        },
        new("A last chunk at the first place of an upload that has begun is out of order", "PUT {first}&digest={sha256 abcdef}", 416, "BLOB_UPLOAD_INVALID") { Sends = "def", Says = s_three },
        new("A first chunk that comes again as the last is out of order", "PUT {first}&digest={sha256 abc}x", 400, "DIGEST_INVALID") { Sends = "abc", With = ["Content-Range: 0-2"] },
        new("A first chunk that comes again as the last of more is out of order", "PUT {first}&digest={sha256 abcdef}", 416, "BLOB_UPLOAD_INVALID") { Sends = "abc", With = ["Content-Range: 0-2"], Says = s_three },
        new("A last chunk without a range at a place that was used is out of order", "PUT {used}&digest={sha256 abcdefdef}", 416, "BLOB_UPLOAD_INVALID") { Sends = "def", Says = ["Range: 0-5", "Location: /v2/{app}/blobs/uploads/*"] },
        new("An upload may end without a chunk at a place that was used", "PUT {used}&digest={sha256 abcdef}", 201) { Says = s_created },
        new("A chunk at the first place of an upload that has no byte yet is taken", "PATCH {blank}", 202) { Sends = "abc", With = ["Content-Range: 0-2"], Says = s_three },
        new("A whole upload of another length than it says is refused", "PUT {upload}&digest={sha256 abc}", 400, "SIZE_INVALID") { Sends = "abc", With = ["Content-Range: 0-22"] },
        new("A chunk without a range at a place that was used is out of order", "PATCH {used}", 416, "BLOB_UPLOAD_INVALID") { Sends = "def", Says = ["Location: /v2/{app}/blobs/uploads/*", "Range: 0-5"] },
        new("A chunk without a range at the first place of an upload that has begun is out of order", "PATCH {first}", 416, "BLOB_UPLOAD_INVALID") { Sends = "abc", Says = s_three },
        new("A chunk that says where it belongs may come by a place that was used", "PATCH {used}", 202) { Sends = "ghi", With = ["Content-Range: 6-8"], Says = ["Range: 0-8"] },
        new("A range with a unit is not an upload's", "PATCH {upload}", 400, "BLOB_UPLOAD_INVALID") { Sends = "abc", With = ["Content-Range: bytes 0-2/3"] },
        new("A range without an end is invalid", "PATCH {upload}", 400, "BLOB_UPLOAD_INVALID") { Sends = "abc", With = ["Content-Range: 0-"] },
        new("A range that ends before it begins is invalid", "PATCH {begun}", 400, "BLOB_UPLOAD_INVALID") { Sends = "def", With = ["Content-Range: 5-3"] },
        new("A range with a sign is invalid", "PATCH {upload}", 400, "BLOB_UPLOAD_INVALID") { Sends = "abc", With = ["Content-Range: +0-2"] },
        new("A range beyond all numbers is invalid", "PATCH {upload}", 400, "BLOB_UPLOAD_INVALID") { Sends = "abc", With = ["Content-Range: 0-99999999999999999999"] },
        new("A chunk shorter than its range is refused", "PATCH {upload}", 400, "SIZE_INVALID") { Sends = "ab", With = ["Content-Range: 0-2"] },
        new("A chunk longer than its range is refused", "PATCH {upload}", 400, "SIZE_INVALID") { Sends = "abcd", With = ["Content-Range: 0-2"] },
        new("A chunk in pieces that is shorter than its range is refused", "PATCH {begun}", 400, "SIZE_INVALID") { Sends = "de", With = ["Transfer-Encoding: chunked", "Content-Range: 3-5"] },
        new("A last chunk longer than its range is refused", "PUT {begun}&digest={sha256 abcdef}", 400, "SIZE_INVALID") { Sends = "defg", With = ["Content-Range: 3-5"] },

        new("An upload ends with the digest of its chunks", "PUT {begun}&digest={sha256 abc}", 201) { Says = ["Location: /v2/{app}/blobs/{sha256 abc}", "Docker-Content-Digest: {sha256 abc}"], Lacks = ["Range"] },
        new("An upload may end with its sha512", "PUT {begun}&digest={sha512 abc}", 201) { Says = ["Docker-Content-Digest: {sha512 abc}"] },
        new("An upload may end with its last chunk", "PUT {begun}&digest={sha256 abcdef}", 201) { Sends = "def", With = ["Content-Range: 3-5"], Says = s_created },
        new("The last chunk need not say where it belongs", "PUT {begun}&digest={sha256 abcdef}", 201) { Sends = "def", Says = s_created },
        new("An upload may come whole with its end", "PUT {upload}&digest={sha256 abcdef}", 201) { Sends = "abcdef", With = ["Content-Type: application/octet-stream"], Says = s_created },
        new("A whole upload may say that it begins at zero", "PUT {upload}&digest={sha256 abcdef}", 201) { Sends = "abcdef", With = ["Content-Range: 0-5"], Says = s_created },
        new("An upload may end without a byte", "PUT {upload}&digest={empty}", 201) { Sends = "", Says = ["Docker-Content-Digest: {empty}"] },
        new("The end of an upload is below the public URL", "PUT {upload}&digest={sha256 abc}", 201) { Sends = "abc", Under = ["PublicUrl=https://registry.example:8443"], Says = ["Location: https://registry.example:8443/v2/{app}/blobs/{sha256 abc}"] },

        new("An upload does not end without a digest", "PUT {begun}", 400, "DIGEST_INVALID"),
        new("An upload does not end with an empty digest", "PUT {begun}&digest=", 400, "DIGEST_INVALID"),
        new("An upload does not end with a malformed digest", "PUT {begun}&digest=sha256:abc", 400, "DIGEST_INVALID"),
        new("An upload does not end with a digest in upper case", "PUT {begun}&digest=SHA256:{layer.hex}", 400, "DIGEST_INVALID"),
        new("An upload does not end with a digest of an unknown algorithm", "PUT {begun}&digest=sha1:a9993e364706816aba3e25717850c26c9cd0d89d", 400, "DIGEST_INVALID"),
        new("An upload does not end with two digests", "PUT {begun}&digest={sha256 abc}&digest={sha256 abc}", 400, "DIGEST_INVALID"),
        new("An upload does not end with another digest", "PUT {begun}&digest={zeros}", 400, "DIGEST_INVALID"),
        new("A last chunk that makes another digest is refused", "PUT {begun}&digest={sha256 abcdef}", 400, "DIGEST_INVALID") { Sends = "xyz" },
        new("A whole upload with another digest is refused", "PUT {upload}&digest={zeros}", 400, "DIGEST_INVALID") { Sends = "abc" },

        new("An upload is cancelled", "DELETE {begun}", 204) { Body = "" },
        new("An upload that has ended is not cancelled", "DELETE {ended}", 404, "BLOB_UPLOAD_UNKNOWN"),
        new("An upload that is empty is cancelled as well", "DELETE {upload}", 204) { Body = "" },

        new("An upload that never began has no status", $"GET {Nobody}", 404, "BLOB_UPLOAD_UNKNOWN"),
        new("An upload that never began takes no chunk", $"PATCH {Nobody}", 404, "BLOB_UPLOAD_UNKNOWN") { Sends = "abc" },
        new("An upload that never began has no end", $"PUT {Nobody}?digest={{sha256 abc}}", 404, "BLOB_UPLOAD_UNKNOWN") { Sends = "abc" },
        new("An upload that never began cannot be cancelled", $"DELETE {Nobody}", 404, "BLOB_UPLOAD_UNKNOWN"),
        new("An id without its state is unknown", "GET /v2/{app}/blobs/uploads/{upload.id}", 404, "BLOB_UPLOAD_UNKNOWN"),
        new("An id that is none is unknown", "GET /v2/{app}/blobs/uploads/..%5C..", 404, "BLOB_UPLOAD_UNKNOWN"),
        new("An upload takes no POST", "POST {upload}", 405, "UNSUPPORTED") { Sends = "" },
    ];
}
