using System.Net;
using System.Text;
using System.Text.Json;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Xunit;

namespace Serverless.Web.Tests.Protocol;

public abstract class ReferrerTests(IStorageKind storage) : RegistryTest(storage)
{
    private static readonly Descriptor s_subject = new(MediaTypes.OciManifest, RegistryServer.DigestOf([7]), 7);

    [Theory]
    [InlineData("app")]
    [InlineData("none/such")]
    public async Task A_subject_without_referrers_has_an_empty_list(string name) => Assert.Empty((await ReadPageAsync($"/v2/{name}/referrers/{s_subject.Digest}")).Descriptors);

    [Fact]
    public async Task A_referrer_is_listed_with_its_type_and_annotations()
    {
        var sbom = await PushAsync(m =>
        {
            m.ArtifactType = "application/sbom";
            m.Annotations["org.example"] = "x";
        });
        var image = await PushAsync(_ => { });
        var index = ManifestBuilder.ForIndex();
        index.Subject = s_subject;
        index.ArtifactType = "application/bundle";
        var bundle = index.Build();
        await ExpectAsync(Registry.PutManifestAsync("app", "bundle", bundle), HttpStatusCode.Created);

        var listed = (await ReadPageAsync($"/v2/app/referrers/{s_subject.Digest}")).Descriptors.ToDictionary(d => d.GetProperty("digest").GetString()!);
        Assert.Equal(3, listed.Count);
        var first = listed[sbom.Digest.ToString()];
        Assert.Equal("application/sbom", first.GetProperty("artifactType").GetString());
        Assert.Equal("x", first.GetProperty("annotations").GetProperty("org.example").GetString());
        Assert.Equal(sbom.Payload.Length, first.GetProperty("size").GetInt32());
        Assert.Equal(MediaTypes.OciManifest, first.GetProperty("mediaType").GetString());
        // Without a type of its own an image manifest has its config's.
        Assert.Equal(MediaTypes.OciConfig, listed[image.Digest.ToString()].GetProperty("artifactType").GetString());
        Assert.Equal(MediaTypes.OciIndex, listed[bundle.Digest.ToString()].GetProperty("mediaType").GetString());
    }

    [Fact]
    public async Task A_list_can_be_filtered_by_type_and_says_so()
    {
        var wanted = await PushAsync(m => m.ArtifactType = "application/sbom");
        await PushAsync(m => m.ArtifactType = "application/signature");
        using var answer = await Registry.SendAsync("GET", $"/v2/app/referrers/{s_subject.Digest}?artifactType=application/sbom");
        Assert.Equal("artifactType", Header(answer, "OCI-Filters-Applied"));
        var page = await ReadPageAsync($"/v2/app/referrers/{s_subject.Digest}?artifactType=application%2Fsbom");
        Assert.Equal(wanted.Digest.ToString(), Assert.Single(page.Descriptors).GetProperty("digest").GetString());
        Assert.Empty((await ReadPageAsync($"/v2/app/referrers/{s_subject.Digest}?artifactType=none")).Descriptors);
    }

    [Fact]
    public async Task A_long_list_is_split()
    {
        List<string> pushed = [];
        for (var i = 0; i < 5; i++) pushed.Add((await PushAsync(m => m.ArtifactType = "application/sbom")).Digest.ToString());
        foreach (var filter in (string[])["", "&artifactType=application/sbom"])
        {
            List<string> seen = [];
            for (var next = $"/v2/app/referrers/{s_subject.Digest}?n=2{filter}"; next is not null;)
            {
                var (descriptors, link) = await ReadPageAsync(next);
                Assert.InRange(descriptors.Count, 1, 5);
                seen.AddRange(descriptors.Select(d => d.GetProperty("digest").GetString()!));
                next = link;
            }

            Assert.Equal(pushed.Order(StringComparer.Ordinal), seen);
        }
    }

    [Fact]
    public async Task A_page_that_finds_none_of_a_type_among_very_many_links_to_the_next()
    {
        var wanted = await PushAsync(m => m.ArtifactType = "application/sbom");
        var digests = Enumerable.Range(0, 1300).Select(i => RegistryServer.DigestOf(BitConverter.GetBytes(i))).ToList();
        foreach (var batch in digests.Chunk(TableLimits.BatchCount))
        {
            var rows = batch.Select(d => new RowWrite.Insert(TableKeys.Referrer(RepositoryName.Parse("app"), s_subject.Digest, d), new Dictionary<string, object>
            {
                ["artifactType"] = "application/signature",
                ["descriptor"] = Encoding.ASCII.GetBytes($"{{\"digest\":\"{d}\"}}"),
            }));
            Assert.True((await Registry.Stores.Tables.WriteAsync(TableKeys.RegistryTable, [.. rows], default)).Done);
        }

        List<string> seen = [];
        var pages = 0;
        for (var next = $"/v2/app/referrers/{s_subject.Digest}?artifactType=application/sbom"; next is not null; pages++)
        {
            using var answer = await ExpectAsync(Registry.SendAsync("GET", next), HttpStatusCode.OK);
            Assert.Equal("artifactType", Header(answer, "OCI-Filters-Applied"));
            var (descriptors, link) = await ReadPageAsync(next);
            seen.AddRange(descriptors.Select(d => d.GetProperty("digest").GetString()!));
            if (link is not null) Assert.Contains("&artifactType=application%2Fsbom", link, StringComparison.Ordinal);
            next = link;
        }

        Assert.Equal([wanted.Digest.ToString()], seen);
        Assert.Equal(2, pages);
    }

    [Fact]
    public async Task Annotations_too_large_to_be_listed_are_refused()
    {
        var image = await Registry.PrepareImageAsync("app", 1, m => (m.Subject, m.Annotations["large"]) = (s_subject, new string('x', 70_000)));
        await ExpectAsync(Registry.PutManifestAsync("app", "v1", image), HttpStatusCode.BadRequest, "MANIFEST_INVALID");
        await ExpectAsync(Registry.SendAsync("HEAD", "/v2/app/manifests/v1"), HttpStatusCode.NotFound);
        Assert.Empty((await ReadPageAsync($"/v2/app/referrers/{s_subject.Digest}")).Descriptors);
    }

    [Fact]
    public async Task A_malformed_subject_is_refused() =>
        await ExpectAsync(Registry.SendAsync("GET", "/v2/app/referrers/sha256:123"), HttpStatusCode.BadRequest, "DIGEST_INVALID");

    [Fact]
    public async Task The_tag_of_the_older_scheme_is_an_ordinary_tag()
    {
        var index = ManifestBuilder.ForIndex().Build();
        var tag = $"sha256-{s_subject.Digest.Hex}";
        await ExpectAsync(Registry.PutManifestAsync("app", tag, index), HttpStatusCode.Created);
        await ExpectAsync(Registry.SendAsync("GET", $"/v2/app/manifests/{tag}"), HttpStatusCode.OK);
        Assert.Empty((await ReadPageAsync($"/v2/app/referrers/{s_subject.Digest}")).Descriptors);
    }

    private async Task<Manifest> PushAsync(Action<ManifestBuilder> change)
    {
        var image = await Registry.PrepareImageAsync("app", 1, m =>
        {
            m.Subject = s_subject;
            change(m);
        });
        await ExpectAsync(Registry.PutManifestAsync("app", image.Digest.ToString(), image), HttpStatusCode.Created);
        return image;
    }

    private async Task<(List<JsonElement> Descriptors, string? Next)> ReadPageAsync(string path)
    {
        using var answer = await ExpectAsync(Registry.SendAsync("GET", path), HttpStatusCode.OK);
        Assert.Equal(MediaTypes.OciIndex, answer.Content.Headers.ContentType!.ToString());
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        Assert.Equal(2, json.RootElement.GetProperty("schemaVersion").GetInt32());
        Assert.Equal(MediaTypes.OciIndex, json.RootElement.GetProperty("mediaType").GetString());
        var link = Header(answer, "Link");
        return ([.. json.RootElement.GetProperty("manifests").EnumerateArray().Select(d => d.Clone())], link.Length == 0 ? null : link[1..link.IndexOf('>', StringComparison.Ordinal)]);
    }
}

public sealed class ReferrerTestsInMemory(InMemoryStorage storage) : ReferrerTests(storage), IClassFixture<InMemoryStorage>;

public sealed class ReferrerTestsOnLocalDisk(LocalDisk storage) : ReferrerTests(storage), IClassFixture<LocalDisk>;

[Collection(AzuriteCollection.Name)]
public sealed class ReferrerTestsOnAzurite(AzuriteStorage storage) : ReferrerTests(storage);
