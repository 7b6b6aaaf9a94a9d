using Serverless.Registry.Oci;

namespace Serverless.Testing.Rules;

/// <summary><c>PUT /v2/NAME/manifests/REFERENCE</c>: what is refused, and leaves nothing behind.</summary>
internal static class ManifestRefusalRules
{
    private const string Image = "Content-Type: " + MediaTypes.OciManifest;
    private const string Index = "Content-Type: " + MediaTypes.OciIndex;
    private const string Empty = """{"schemaVersion":2,"manifests":[]}""";
    private const string Other = "sha256:1111111111111111111111111111111111111111111111111111111111111111";

    public static IReadOnlyList<Rule> All { get; } =
    [
        Missing("A config that is missing is named", Image, """{"schemaVersion":2,"config":{"mediaType":"a/b","digest":"{zeros}","size":1},"layers":[]}""", "{zeros}"),
        Missing("A layer that is missing is named", Image, """{"schemaVersion":2,"config":{descriptor},"layers":[{"mediaType":"a/b","digest":"{zeros}","size":1}]}""", "{zeros}"),
        Missing("A child that is missing is named", Index, """{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{zeros}","size":1}]}""", "{zeros}"),
        Missing("A child of an unknown type that is missing is named", Index, """{"schemaVersion":2,"manifests":[{"mediaType":"a/b","digest":"{zeros}","size":1}]}""", "{zeros}"),
        Missing("All that is missing is named at once", Image,
            """{"schemaVersion":2,"config":{"mediaType":"a/b","digest":"{zeros}","size":1},"layers":[{"mediaType":"a/b","digest":"{layer}","size":1},{"mediaType":"a/b","digest":"OTHER","size":1}]}""".Replace("OTHER", Other, StringComparison.Ordinal),
            """{"digest":"{zeros}"}""", """{"digest":"OTHER"}""".Replace("OTHER", Other, StringComparison.Ordinal)),
        Missing("Each of three missing layers has an error of its own", Image,
            """{"schemaVersion":2,"config":{descriptor},"layers":[{"mediaType":"a/b","digest":"{sha256 1}","size":1},{"mediaType":"a/b","digest":"{sha256 2}","size":1},{"mediaType":"a/b","digest":"{sha256 3}","size":1}]}""",
            "{sha256 1}", "{sha256 2}", "{sha256 3}"),
        new("A config must be there even where layers need not", "PUT /v2/{app}/manifests/new", 400, "MANIFEST_BLOB_UNKNOWN")
        {
            Under = ["Validation:Layers=none"],
            With = [Image],
            Sends = """{"schemaVersion":2,"config":{"mediaType":"a/b","digest":"{zeros}","size":1},"layers":[{"mediaType":"a/b","digest":"{sha256 1}","size":1}]}""",
            Mentions = ["{zeros}"],
        },
        Missing("A layer with urls must be there if its type may be distributed", Image,
            """{"schemaVersion":2,"config":{descriptor},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"{zeros}","size":1,"urls":["https://example.com/x"]}]}""", "{zeros}"),
        Missing("A layer that may not be distributed must be there if it is nowhere else", Image,
            """{"schemaVersion":2,"config":{descriptor},"layers":[{"mediaType":"application/vnd.oci.image.layer.nondistributable.v1.tar","digest":"{zeros}","size":1,"urls":[]}]}""", "{zeros}"),
        new("What only another repository has is missing", "PUT /v2/base/manifests/new", 400, "MANIFEST_BLOB_UNKNOWN") { Errors = 2, With = [Image], Sends = "{image.bytes}", Mentions = ["{config}", "{layer}"] },
        new("A child that only another repository has is missing", "PUT /v2/base/manifests/new", 400, "MANIFEST_BLOB_UNKNOWN") { With = [Index], Sends = "{index.bytes}", Mentions = ["{image}"] },

        new("A manifest under another digest is refused", "PUT /v2/{app}/manifests/{zeros}", 400, "DIGEST_INVALID") { With = [Image], Sends = "{image.bytes}" },
        new("A manifest under a malformed digest is refused", "PUT /v2/{app}/manifests/sha256:00", 400, "DIGEST_INVALID") { With = [Image], Sends = "{image.bytes}" },
        new("A manifest under a digest in upper case is refused", "PUT /v2/{app}/manifests/SHA256:{image.hex}", 400, "DIGEST_INVALID") { With = [Image], Sends = "{image.bytes}" },
        new("A manifest under what can be no tag is refused", "PUT /v2/{app}/manifests/-new", 400, "TAG_INVALID") { With = [Image], Sends = "{image.bytes}" },
        new("A manifest under a tag of 129 characters is refused", "PUT /v2/{app}/manifests/{long 129}", 400, "TAG_INVALID") { With = [Image], Sends = "{image.bytes}" },
        new("A tag in the query that can be none is refused", "PUT /v2/{app}/manifests/new?tag=a&tag=", 400, "TAG_INVALID") { With = [Image], Sends = "{image.bytes}" },
        new("A digest in the query is no tag", "PUT /v2/{app}/manifests/new?tag={image}", 400, "TAG_INVALID") { With = [Image], Sends = "{image.bytes}" },
        new("More tags than ten in one request are refused", "PUT /v2/{app}/manifests/new?tag=0&tag=1&tag=2&tag=3&tag=4&tag=5&tag=6&tag=7&tag=8&tag=9", 400, "MANIFEST_INVALID") { With = [Image], Sends = "{image.bytes}" },
        new("A manifest is not pushed where there must be none", "PUT /v2/{app}/manifests/v1", 412, "UNSUPPORTED") { With = [Index, "If-None-Match: *"], Sends = "{index.bytes}" },
        new("A tag is not moved that points elsewhere", "PUT /v2/{app}/manifests/v1", 412, "UNSUPPORTED") { With = [Index, "If-Match: \"{zeros}\""], Sends = "{index.bytes}" },
        new("A tag is not made that must be there", "PUT /v2/{app}/manifests/new", 412, "UNSUPPORTED") { With = [Index, "If-Match: *"], Sends = "{index.bytes}" },
        new("A large manifest that is refused leaves nothing", "PUT /v2/{app}/manifests/new", 400, "MANIFEST_BLOB_UNKNOWN")
        {
            With = [Image],
            Sends = """{"schemaVersion":2,"config":{descriptor},"layers":[{"mediaType":"a/b","digest":"{zeros}","size":1}],"annotations":{"a":"LARGE"}}""".Replace("LARGE", new string('x', 800_000), StringComparison.Ordinal),
        },
        new("A large index that is refused leaves nothing", "PUT /v2/{app}/manifests/new", 400, "MANIFEST_BLOB_UNKNOWN")
        {
            With = [Index],
            Sends = """{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{zeros}","size":1}],"annotations":{"a":"LARGE"}}""".Replace("LARGE", new string('x', 800_000), StringComparison.Ordinal),
        },
        new("Of very many children that are missing the first hundred are named", "PUT /v2/{app}/manifests/new", 400, "MANIFEST_BLOB_UNKNOWN")
        {
            With = [Index],
            Sends = $$"""{"schemaVersion":2,"manifests":[{{string.Join(',', Enumerable.Range(0, 150).Select(i => $$"""{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:{{i:d64}}","size":1}"""))}}]}""",
            Errors = 100,
        },
        new("A manifest above 4 MiB is too large", "PUT /v2/{app}/manifests/new", 413, "MANIFEST_INVALID") { With = [Index], Sends = Empty + new string(' ', 4 * 1024 * 1024) },
        new("The largest manifest is the operator's to say", "PUT /v2/{app}/manifests/new", 413, "MANIFEST_INVALID") { Under = ["Manifests:MaxSize=65536"], With = [Index], Sends = Empty + new string(' ', 65536) },

        Invalid("No body is no manifest", Index, ""),
        Invalid("Half a manifest is none", Index, """{"schemaVersion":2,"manifests":["""),
        Invalid("Two manifests are none", Index, Empty + Empty),
        Invalid("A list is no manifest", Index, "[]"),
        Invalid("null is no manifest", Index, "null"),
        Invalid("A byte order mark is not JSON", Index, "\uFEFF" + Empty),
        Invalid("Comments are not JSON", Index, """{"schemaVersion":2,/**/"manifests":[]}"""),
        Invalid("A comma too many is not JSON", Index, """{"schemaVersion":2,"manifests":[],}"""),
        Invalid("An index needs a list of manifests", Index, """{"schemaVersion":2}"""),
        Invalid("An index has no layers", Index, """{"schemaVersion":2,"manifests":[],"layers":[]}"""),
        Invalid("An index has no config", Index, """{"schemaVersion":2,"manifests":[],"config":{descriptor}}"""),
        Invalid("An image has no manifests", Image, """{"schemaVersion":2,"config":{descriptor},"layers":[],"manifests":[]}"""),
        Invalid("A name in another case, which some clients read and others do not", Image, """{"schemaVersion":2,"config":{descriptor},"layers":[],"Layers":[{descriptor}]}"""),
        Invalid("A name that folds to another", Image, """{"schemaVersion":2,"config":{descriptor},"layers":[],"\u017fubject":{descriptor}}"""),
        Invalid("An image needs a config", Image, """{"schemaVersion":2,"layers":[]}"""),
        Invalid("The body's type is that of the header", Image, """{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","config":{descriptor},"layers":[]}"""),
        Invalid("A property is given once", Index, """{"schemaVersion":2,"manifests":[],"manifests":[]}""", "comes twice in one object"),
        Invalid("A manifest is only so deep and says so", Index, """{"schemaVersion":2,"manifests":[],"x":""" + new string('[', 40) + new string(']', 40) + "}", "deeper than 32 levels"),
        Invalid("What is no JSON says where", Index, "{\n\"schemaVersion\":2,}", "at byte 18 of line 2"),
        Invalid("A config needs a type", Image, """{"schemaVersion":2,"config":{"digest":"{config}","size":1},"layers":[]}"""),
        Invalid("A config needs a size", Image, """{"schemaVersion":2,"config":{"mediaType":"a/b","digest":"{config}"},"layers":[]}"""),
        Invalid("A layer needs a digest", Image, """{"schemaVersion":2,"config":{descriptor},"layers":[{"mediaType":"a/b","size":1}]}"""),
        Invalid("A layer's size is not negative", Image, """{"schemaVersion":2,"config":{descriptor},"layers":[{"mediaType":"a/b","digest":"{layer}","size":-1}]}"""),
        Invalid("A child needs a type", Index, """{"schemaVersion":2,"manifests":[{"digest":"{image}","size":1}]}"""),
        Invalid("A child needs a size", Index, """{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{image}"}]}"""),
        Invalid("The body's type is that of the header in any case", Image, """{"schemaVersion":2,"mediaType":"Application/vnd.oci.image.index.v1+JSON","config":{descriptor},"layers":[]}"""),
        Invalid("A property is given once even when it is spelled otherwise", Index, """{"schemaVersion":2,"manifests":[],"m\u0061nifests":[]}"""),
        Invalid("A property of a descriptor is given once", Image, """{"schemaVersion":2,"config":{"mediaType":"a/b","digest":"{config}","digest":"{layer}","size":1},"layers":[]}"""),
        Invalid("An annotation is given once", Index, """{"schemaVersion":2,"manifests":[],"annotations":{"a":"b","a":"c"}}"""),
        Invalid("Annotations are texts", Index, """{"schemaVersion":2,"manifests":[],"annotations":{"a":1}}"""),
        Invalid("The schema version is a number", Index, """{"schemaVersion":"2","manifests":[]}"""),
        Invalid("The schema version is 2", Index, """{"schemaVersion":3,"manifests":[]}"""),
        Invalid("A size is not negative", Image, """{"schemaVersion":2,"config":{"mediaType":"a/b","digest":"{config}","size":-1},"layers":[]}"""),
        Invalid("A size is whole", Image, """{"schemaVersion":2,"config":{"mediaType":"a/b","digest":"{config}","size":1.5},"layers":[]}"""),
        Invalid("A size is no larger than sizes can be", Image, """{"schemaVersion":2,"config":{"mediaType":"a/b","digest":"{config}","size":9223372036854775808},"layers":[]}"""),
        Invalid("A digest in a manifest is in lower case", Image, """{"schemaVersion":2,"config":{"mediaType":"a/b","digest":"sha256:ABCDEFABCDEFABCDEFABCDEFABCDEFABCDEFABCDEFABCDEFABCDEFABCDEFABCD","size":1},"layers":[]}"""),
        Invalid("A subject needs a digest", Index, """{"schemaVersion":2,"manifests":[],"subject":{"mediaType":"a/b","size":1}}"""),
        Invalid("Docker schema 1 is refused and says what to do", "Content-Type: application/vnd.docker.distribution.manifest.v1+prettyjws", """{"schemaVersion":1,"name":"app"}""", "push the image again"),
        Invalid("Docker schema 1 is refused under any name", Index, """{"schemaVersion":1,"manifests":[]}""", "schema 1"),
        Invalid("A Docker manifest says its type", "Content-Type: " + MediaTypes.DockerManifest, """{"schemaVersion":2,"config":{descriptor},"layers":[]}"""),
        Invalid("JSON of no special type is no manifest", "Content-Type: application/json", Empty),
        Invalid("A Helm chart's type is not a manifest's", "Content-Type: application/vnd.cncf.helm.config.v1+json", Empty),
        Invalid("A content type of blanks is none, and the body has none either", "Content-Type:  ", Empty),
        new("A URL that the operator does not allow is refused", "PUT /v2/{app}/manifests/new", 400, "MANIFEST_INVALID")
        {
            Under = [@"Validation:Urls:Allow:0=^https://good\.example/"],
            With = [Index],
            Sends = """{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{image}","size":1,"urls":["https://evil.example/x"]}]}""",
            Mentions = ["https://evil.example/x"],
        },
    ];

    private static Rule Invalid(string sentence, string contentType, string body, params string[] mentions) =>
        new(sentence, "PUT /v2/{app}/manifests/new", 400, "MANIFEST_INVALID") { With = [contentType], Sends = body, Mentions = mentions };

    private static Rule Missing(string sentence, string contentType, string body, params string[] missing) =>
        new(sentence, "PUT /v2/{app}/manifests/new", 400, "MANIFEST_BLOB_UNKNOWN") { With = [contentType], Sends = body, Mentions = missing, Errors = missing.Length };
}
