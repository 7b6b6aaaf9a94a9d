using System.Net;
using System.Text;
using System.Text.Json;
using Serverless.Registry.Oci;
using Xunit;

namespace Serverless.Web.Tests.Api;

/// <summary>What the API says of manifests: in words, with sizes, and whatever their authors have written into them as text.</summary>
public sealed class ManifestApiTests(InMemoryStorage storage) : RepositoryApiTest(storage), IClassFixture<InMemoryStorage>
{
    private const string Odd = "<script>alert(1)</script> \u202egnp.exe \u0000 \"';--";

    [Fact]
    public async Task An_image_is_shown_with_its_layers_and_its_config()
    {
        const string Config = """
            {"os":"linux","architecture":"arm","variant":"v7","created":"2026-01-02T03:04:05Z","author":"ann",
             "config":{"User":"65532","WorkingDir":"/app","Entrypoint":["/app/run"],"Cmd":["--now"],"Env":["A=b"],"ExposedPorts":{"80/tcp":{}},"Volumes":{"/data":{}},"Labels":{"key":"value"}},
             "history":[{"created":"2026-01-02T03:04:05Z","created_by":"COPY","comment":"c"},{"created_by":"ENV","empty_layer":true}]}
            """;
        var image = await PushAsync("team/app", "v1", Config, builder => builder.Annotations["note"] = "n");
        var shown = await ReadAsync("/team/app/_manifests/v1", Reader);
        Assert.Equal((image.Digest.ToString(), "image", image.Payload.Length), (shown.GetProperty("digest").GetString(), shown.GetProperty("kind").GetString(), shown.GetProperty("size").GetInt32()));
        Assert.Equal(image.Payload.Length + Config.Length + 1000, shown.GetProperty("totalSize").GetInt64());
        Assert.Equal([Config.Length, 1000], shown.GetProperty("blobs").EnumerateArray().Select(b => b.GetProperty("size").GetInt32()));
        Assert.Equal("n", shown.GetProperty("annotations").GetProperty("note").GetString());
        var config = shown.GetProperty("config");
        Assert.Equal(("linux/arm/v7", "65532", "/app"), (config.GetProperty("platform").GetString(), config.GetProperty("user").GetString(), config.GetProperty("workingDirectory").GetString()));
        Assert.Equal(
            ["/app/run", "--now", "A=b", "80/tcp", "/data"],
            ((string[])["entrypoint", "command", "environment", "ports", "volumes"]).Select(m => Assert.Single(Texts(config.GetProperty(m)))));
        Assert.Equal("value", config.GetProperty("labels").GetProperty("key").GetString());
        Assert.Equal([(true, "COPY"), (false, "ENV")], config.GetProperty("history").EnumerateArray().Select(h => (!h.GetProperty("isEmpty").GetBoolean(), h.GetProperty("createdBy").GetString())));
    }

    [Fact]
    public async Task An_index_is_shown_with_its_platforms()
    {
        var (arm, proof) = (await PushAsync("team/app"), await PushAsync("team/app"));
        var payload = $$"""
            {"schemaVersion":2,"mediaType":"{{MediaTypes.OciIndex}}","manifests":[
             {"mediaType":"{{MediaTypes.OciManifest}}","digest":"{{arm.Digest}}","size":{{arm.Payload.Length}},"platform":{"os":"linux","architecture":"arm","variant":"v7"} },
             {"mediaType":"{{MediaTypes.OciManifest}}","digest":"{{proof.Digest}}","size":{{proof.Payload.Length}},"platform":{"os":"unknown","architecture":"unknown"},
              "annotations":{"vnd.docker.reference.type":"attestation-manifest"} }]}
            """;
        using (var put = await Registry.SendAsync("PUT", "/v2/team/app/manifests/multi", Encoding.UTF8.GetBytes(payload), MediaTypes.OciIndex, (HeaderAuthenticator.Header, Owner))) Assert.Equal(HttpStatusCode.Created, put.StatusCode);
        var shown = await ReadAsync("/team/app/_manifests/multi", Reader);
        Assert.Equal("index", shown.GetProperty("kind").GetString());
        Assert.Equal([("image", "linux/arm/v7"), ("attestation", "unknown/unknown")], shown.GetProperty("manifests").EnumerateArray().Select(m => (m.GetProperty("kind").GetString(), m.GetProperty("platform").GetString())));
        Assert.False(shown.TryGetProperty("config", out _));
    }

    [Fact]
    public async Task What_refers_to_an_image_is_a_tree_in_words()
    {
        var image = await PushAsync("team/app", "v1");
        var sbom = await PushAsync("team/app", change: b => (b.Subject, b.ArtifactType) = (image.Descriptor, "application/spdx+json"));
        await PushAsync("team/app", change: b => (b.Subject, b.ArtifactType) = (sbom.Descriptor, "application/vnd.dev.cosign.artifact.sig.v1+json"));
        var tree = await ReadAsync($"/team/app/_manifests/{image.Digest}/referrers", Reader);
        var first = Assert.Single(tree.GetProperty("referrers").EnumerateArray());
        Assert.Equal((sbom.Digest.ToString(), "SBOM", "application/spdx+json"), (first.GetProperty("digest").GetString(), first.GetProperty("kind").GetString(), first.GetProperty("artifactType").GetString()));
        Assert.Equal("signature", Assert.Single(Texts(first.GetProperty("referrers"), "kind")));
        Assert.False(tree.GetProperty("hasMore").GetBoolean());
    }

    [Fact]
    public async Task A_tree_that_is_too_deep_says_that_there_is_more()
    {
        var image = await PushAsync("team/app", "v1");
        var top = image;
        for (var i = 0; i < 5; i++)
        {
            var below = top;
            top = await PushAsync("team/app", change: b => (b.Subject, b.ArtifactType) = (below.Descriptor, "application/x"));
        }

        var tree = await ReadAsync($"/team/app/_manifests/{image.Digest}/referrers");
        Assert.True(tree.GetProperty("hasMore").GetBoolean());
        Assert.Equal(4, Depth(tree));

        static int Depth(JsonElement node) => node.GetProperty("referrers").EnumerateArray().Select(r => 1 + Depth(r)).DefaultIfEmpty(0).Max();
    }

    [Fact]
    public async Task Whatever_an_author_has_written_comes_back_as_text()
    {
        var odd = JsonSerializer.Serialize(Odd);
        var image = await PushAsync(
            "team/app", "v1", $$"""{"os":"linux","architecture":"amd64","author":{{odd}},"config":{"Labels":{{{odd}}:{{odd}}},"Env":[{{odd}}],"Cmd":[1,null,{{odd}}]},"history":[7,{"created_by":{{odd}}}]}""", b => b.Annotations["odd"] = Odd);
        var shown = await ReadAsync("/team/app/_manifests/v1");
        Assert.Equal(Odd, shown.GetProperty("annotations").GetProperty("odd").GetString());
        var config = shown.GetProperty("config");
        Assert.Equal((Odd, Odd), (config.GetProperty("author").GetString(), config.GetProperty("labels").GetProperty(Odd).GetString()));
        Assert.Equal([Odd], Texts(config.GetProperty("command")));
        Assert.Equal([Odd], Texts(config.GetProperty("history"), "createdBy"));
        using var raw = await SendAsync("GET", $"/team/app/_manifests/{image.Digest}");
        Assert.DoesNotContain("<script>", await raw.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal("nosniff", string.Join(",", raw.Headers.GetValues("X-Content-Type-Options")));
    }

    [Theory]
    [InlineData("no json")]
    [InlineData("[]")]
    [InlineData("{\"config\":7,\"history\":{},\"os\":1}")]
    public async Task A_config_that_is_none_is_left_out(string config)
    {
        await PushAsync("team/app", "v1", config);
        var shown = await ReadAsync("/team/app/_manifests/v1");
        if (config[0] == '{') Assert.Empty(shown.GetProperty("config").GetProperty("history").EnumerateArray());
        else Assert.False(shown.TryGetProperty("config", out _));
    }

    [Theory]
    [InlineData("application/vnd.cncf.helm.config.v1+json", "Helm chart")]
    [InlineData("application/vnd.cyclonedx+json", "SBOM")]
    [InlineData("application/vnd.dev.sigstore.bundle.v0.3+json", "attestation")]
    [InlineData("application/x.mine", "artifact")]
    public void Kinds_are_told_in_words(string artifactType, string kind) => Assert.Equal(kind, ArtifactKinds.Of(MediaTypes.OciManifest, artifactType));

    [Theory]
    [InlineData("", 1, 0)]
    [InlineData("?q=a", 1, 0)]
    [InlineData("/team/app", 3, 0)]
    [InlineData("/team/app/_tags", 2, 0)]
    [InlineData("/team/app/_tags/v1", 2, 0)]
    [InlineData("/team/app/_tags/v1/history", 1, 0)]
    [InlineData("/team/app/_manifests/v1", 2, 1)]
    [InlineData("/team/app/_manifests/DIGEST/referrers", 1, 0)]
    [InlineData("/team/app/_deleted", 1, 0)]
    public async Task What_each_view_costs_is_known(string path, int tables, int objects)
    {
        var image = await PushAsync("team/app", "v1");
        await ReadAsync("");
        Registry.Probe.Reset();
        await ReadAsync(path.Replace("DIGEST", image.Digest.ToString(), StringComparison.Ordinal), Reader);
        Assert.Equal((tables, objects), Registry.Probe.Counts);
    }
}
