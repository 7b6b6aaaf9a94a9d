using System.Text;
using Serverless.Registry.Oci;

namespace Serverless.Testing.Rules;

/// <summary><c>PUT /v2/NAME/manifests/REFERENCE</c>: what is taken.</summary>
internal static class ManifestPushRules
{
    private const string Image = "Content-Type: " + MediaTypes.OciManifest;
    private const string Index = "Content-Type: " + MediaTypes.OciIndex;
    private const string Child = """{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{image}","size":{image.size}}""";
    private const string Empty = """{"schemaVersion":2,"manifests":[]}""";

    private static readonly string s_emptySha512 = Digest.Compute(DigestAlgorithm.Sha512, Encoding.UTF8.GetBytes(Empty)).ToString();

    public static IReadOnlyList<Rule> All { get; } =
    [
        new("An image pushed by tag is created under its digest", "PUT /v2/{app}/manifests/new", 201)
        {
            With = [Image],
            Sends = "{image.bytes}",
            Says = ["Location: /v2/{app}/manifests/{image}", "Docker-Content-Digest: {image}", "Content-Length: 0"],
            Lacks = ["OCI-Subject", "OCI-Tag"],
        },
        new("An image may be pushed by its digest", "PUT /v2/{app}/manifests/{image}", 201) { With = [Image], Sends = "{image.bytes}", Says = ["Docker-Content-Digest: {image}"] },
        new("An index may be pushed by its sha512 digest", "PUT /v2/{app}/manifests/" + s_emptySha512, 201)
        {
            With = [Index],
            Sends = Empty,
            Says = ["Location: /v2/{app}/manifests/" + s_emptySha512, "Docker-Content-Digest: " + s_emptySha512],
        },
        new("An index is created as well", "PUT /v2/{app}/manifests/new", 201) { With = [Index], Sends = "{index.bytes}", Says = ["Docker-Content-Digest: {index}"] },
        new("An index may be empty", "PUT /v2/{app}/manifests/new", 201) { With = [Index], Sends = Empty },
        new("An index may name an index", "PUT /v2/{app}/manifests/new", 201)
        {
            With = [Index],
            Sends = """{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.index.v1+json","digest":"{index}","size":{index.size}}]}""",
        },
        new("A Docker manifest is created as well", "PUT /v2/{app}/manifests/new", 201)
        {
            With = ["Content-Type: " + MediaTypes.DockerManifest],
            Sends = "{docker.bytes}",
            Says = ["Docker-Content-Digest: {docker}"],
        },
        new("A Docker manifest list is created as well", "PUT /v2/{app}/manifests/new", 201)
        {
            With = ["Content-Type: " + MediaTypes.DockerManifestList],
            Sends = """{"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.list.v2+json","manifests":[]}""",
        },
        new("Tags in the query are applied and confirmed", "PUT /v2/{app}/manifests/{image}?tag=a&tag=b", 201) { With = [Image], Sends = "{image.bytes}", Says = ["OCI-Tag: a, b"] },
        new("A tag in the query may stand beside the tag in the path", "PUT /v2/{app}/manifests/a?tag=b", 201) { With = [Image], Sends = "{image.bytes}", Says = ["OCI-Tag: a, b"] },
        new("A tag named twice is applied once", "PUT /v2/{app}/manifests/{image}?tag=a&tag=a", 201) { With = [Image], Sends = "{image.bytes}", Says = ["OCI-Tag: a"] },
        new("A tag may be a word of the paths", "PUT /v2/{app}/manifests/manifests", 201) { With = [Image], Sends = "{image.bytes}" },
        new("A tag may have 128 characters", "PUT /v2/{app}/manifests/{long 128}", 201) { With = [Image], Sends = "{image.bytes}" },
        new("A subject is confirmed", "PUT /v2/{app}/manifests/{sbom}", 201) { With = [Image], Sends = "{sbom.bytes}", Says = ["OCI-Subject: {image}"] },
        new("A subject need not be there", "PUT /v2/{app}/manifests/new", 201)
        {
            With = [Index],
            Sends = """{"schemaVersion":2,"manifests":[],"subject":{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{zeros}","size":1}}""",
            Says = ["OCI-Subject: {zeros}"],
        },
        new("An image may have no layers", "PUT /v2/{app}/manifests/new", 201) { With = [Image], Sends = """{"schemaVersion":2,"config":{descriptor},"layers":[]}""" },
        new("Layers may be null, as Go writes an empty list", "PUT /v2/{app}/manifests/new", 201) { With = [Image], Sends = """{"schemaVersion":2,"config":{descriptor},"layers":null}""" },
        new("An artifact may have the empty blob for its layer", "PUT /v2/{app}/manifests/new", 201)
        {
            With = [Image],
            Sends = """{"schemaVersion":2,"artifactType":"a/b","config":{descriptor},"layers":[{"mediaType":"a/b","digest":"{empty}","size":0}]}""",
        },
        new("A layer that may not be distributed need not be there", "PUT /v2/{app}/manifests/new", 201)
        {
            With = [Image],
            Sends = """{"schemaVersion":2,"config":{descriptor},"layers":[{"mediaType":"application/vnd.oci.image.layer.nondistributable.v1.tar","digest":"{zeros}","size":1,"urls":["https://example.com/layer"]}]}""",
        },
        new("Fields and annotations that nobody knows are taken", "PUT /v2/{app}/manifests/new", 201)
        {
            With = [Index],
            Sends = """{"schemaVersion":2,"manifests":[],"annotations":{"a":"b"},"x":{"y":[1,null,true]}}""",
        },
        new("The type may be in the body alone", "PUT /v2/{app}/manifests/new", 201) { Sends = "{image.bytes}", Says = ["Docker-Content-Digest: {image}"] },
        new("A content type may have parameters", "PUT /v2/{app}/manifests/new", 201) { With = [Image + "; charset=utf-8"], Sends = "{image.bytes}" },
        new("A child may be of a type that nobody knows, if it is here", "PUT /v2/{app}/manifests/new", 201)
        {
            With = [Index],
            Sends = """{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.example","digest":"{layer}","size":{layer.size}},""" + Child + "]}",
        },
        new("A manifest's location is below the public URL", "PUT /team/v2/{app}/manifests/new", 201)
        {
            Under = ["PublicUrl=https://registry.example", "Prefix=/team"],
            With = [Index],
            Sends = Empty,
            Says = ["Location: https://registry.example/team/v2/{app}/manifests/*"],
        },
        new("A manifest's location has nothing of forwarded hosts", "PUT /v2/{app}/manifests/new", 201)
        {
            With = [Index, "Host: evil.example", "X-Forwarded-Host: evil.example", "Forwarded: host=evil.example"],
            Sends = Empty,
            Says = ["Location: /v2/{app}/manifests/*"],
        },
        new("A URL that the operator allows is taken", "PUT /v2/{app}/manifests/new", 201)
        {
            Under = [@"Validation:Urls:Allow:0=^https://good\.example/"],
            With = [Index],
            Sends = """{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{image}","size":1,"urls":["https://good.example/x"]}]}""",
        },
        new("Children may stay away where the operator demands none", "PUT /v2/{app}/manifests/new", 201)
        {
            Under = ["Validation:IndexPlatforms=none"],
            With = [Index],
            Sends = """{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{zeros}","size":1}]}""",
        },
        new("A manifest's type may be sent in any case", "PUT /v2/{app}/manifests/new", 201) { With = ["Content-Type: Application/vnd.oci.image.manifest.v1+JSON"], Sends = "{image.bytes}", Says = ["Docker-Content-Digest: {image}"] },
        new("A manifest may say its type in any case", "PUT /v2/{app}/manifests/new", 201)
        {
            With = [Image],
            Sends = """{"schemaVersion":2,"mediaType":"application/vnd.OCI.image.manifest.v1+json","config":{descriptor},"layers":[]}""",
        },
        new("A manifest may leave its type empty where the header says it", "PUT /v2/{app}/manifests/new", 201) { With = [Index], Sends = """{"schemaVersion":2,"mediaType":"","manifests":[]}""" },
        new("A manifest may have null for annotations", "PUT /v2/{app}/manifests/new", 201) { With = [Index], Sends = """{"schemaVersion":2,"manifests":[],"annotations":null}""" },
        new("A manifest may have null for an annotation", "PUT /v2/{app}/manifests/new", 201) { With = [Index], Sends = """{"schemaVersion":2,"manifests":[],"annotations":{"a":null}}""" },
        new("A layer need say neither size nor type", "PUT /v2/{app}/manifests/new", 201)
        {
            With = [Image],
            Sends = """{"schemaVersion":2,"config":{descriptor},"layers":[{"digest":"{layer}"},{"mediaType":"","digest":"{spare}"}]}""",
        },
        new("Layers need not be there where the operator says so", "PUT /v2/{app}/manifests/new", 201)
        {
            Under = ["Validation:Layers=none"],
            With = [Image],
            Sends = """{"schemaVersion":2,"config":{descriptor},"layers":[{"mediaType":"a/b","digest":"{zeros}","size":1},{"mediaType":"a/b","digest":"{layer}","size":1}]}""",
        },
        new("A manifest is pushed where there must be none", "PUT /v2/{app}/manifests/new", 201) { With = [Image, "If-None-Match: *"], Sends = "{image.bytes}" },
        new("A tag is moved that points where it must", "PUT /v2/{app}/manifests/v1", 201) { With = [Index, "If-Match: \"{image}\""], Sends = "{index.bytes}" },
    ];
}
