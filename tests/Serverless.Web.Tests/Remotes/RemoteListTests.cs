using Serverless.Registry.Copying;
using Serverless.Registry.Oci;
using Xunit;

namespace Serverless.Web.Tests.Remotes;

/// <summary>Lists of registries that do what they like.</summary>
public sealed class RemoteListTests : IAsyncLifetime
{
    private static readonly Digest s_subject = Digest.Compute(DigestAlgorithm.Sha256, [1]);
    private static readonly Digest s_referrer = Digest.Compute(DigestAlgorithm.Sha256, [2]);

    private ScriptedRegistry _registry = null!;

    private static string Index(string more = "") =>
        $$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.OciIndex}}","manifests":[{"mediaType":"{{MediaTypes.OciManifest}}","digest":"{{s_referrer}}","size":7,"artifactType":"a/b"}{{more}}]}""";

    public async Task InitializeAsync() => _registry = await ScriptedRegistry.StartAsync();

    public async Task DisposeAsync() => await _registry.DisposeAsync();

    [Theory]
    [InlineData("/v2/team/app/tags/list?last=b")]
    [InlineData("list?last=b")]
    [InlineData("http://registry.test/v2/team/app/tags/list?last=b")]
    public async Task Tags_come_in_pages(string next)
    {
        _registry.Answer = http => http.Request.Query.ContainsKey("last") ? ScriptedRegistry.Status(http, 200, """{"tags":["c"]}""")
            : ScriptedRegistry.Status(http, 200, """{"name":"team/app","tags":["a","b"]}""", headers: ("Link", $"<{next}>; rel=\"next\""));
        Assert.Equal(["a", "b", "c"], await TagsAsync());
        Assert.Equal(["registry.test/v2/team/app/tags/list?n=1000", "registry.test/v2/team/app/tags/list?last=b"], _registry.Asked);
    }

    [Theory]
    [InlineData("http://other.test/v2/team/app/tags/list?last=b")]
    [InlineData("//other.test/v2/team/app/tags/list?last=b")]
    [InlineData("http://registry.test:81/v2/team/app/tags/list?last=b")]
    [InlineData("https://registry.test/v2/team/app/tags/list?last=b")]
    public async Task A_list_is_not_read_on_elsewhere(string next)
    {
        _registry.Answer = http => ScriptedRegistry.Status(http, 200, """{"tags":["a"]}""", headers: ("Link", $"<{next}>; rel=\"next\""));
        Assert.Contains("another server", (await Assert.ThrowsAsync<ImageSourceException>(TagsAsync)).Message, StringComparison.Ordinal);
        Assert.Single(_registry.Asked);
    }

    [Fact]
    public async Task A_list_that_goes_round_in_circles_ends()
    {
        _registry.Answer = http => ScriptedRegistry.Status(http, 200, """{"tags":["a"]}""", headers: ("Link", $"</v2/team/app/tags/list?p={(http.Request.Query["p"] == "1" ? 2 : 1)}>; rel=\"next\""));
        Assert.Contains("has no end", (await Assert.ThrowsAsync<ImageSourceException>(TagsAsync)).Message, StringComparison.Ordinal);
        Assert.Equal(3, _registry.Asked.Count);
    }

    [Fact]
    public async Task No_tags_are_null_or_not_found()
    {
        Assert.Empty(await TagsAsync());
        _registry.Answer = http => ScriptedRegistry.Status(http, 200, """{"tags":null}""");
        Assert.Empty(await TagsAsync());
    }

    [Theory]
    [InlineData("<html>")]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"tags\":{}}")]
    [InlineData("{\"tags\":[5]}")]
    [InlineData("{\"\\ud800\":1,\"tag\":[]}")]
    public async Task What_is_no_list_of_tags_is_told_of(string body)
    {
        _registry.Answer = http => ScriptedRegistry.Status(http, 200, body);
        Assert.Contains("asked for the tags of team/app", (await Assert.ThrowsAsync<ImageSourceException>(TagsAsync)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a/../b", "a/../b")]
    [InlineData("\\ud800", "\\ud800")]
    public async Task A_tag_that_is_none_is_skipped_and_told_of(string tag, string said)
    {
        _registry.Answer = http => ScriptedRegistry.Status(http, 200, $$"""{"tags":["a","{{tag}}","b"]}""");
        using var remote = _registry.Open();
        var repository = remote.OpenRepository(RepositoryName.Parse("team/app"));
        Assert.Equal(["a", "b"], await repository.ListTagsAsync(default).Select(t => t.ToString()).ToListAsync());
        Assert.Equal($"registry.test lists a tag of team/app that is none: \"{said}\"", Assert.Single(repository.Problems));
    }

    [Fact]
    public async Task A_page_that_is_refused_for_a_while_is_asked_for_again_and_the_ones_before_are_not()
    {
        var refused = 0;
        _registry.Answer = http => !http.Request.Query.ContainsKey("last") ? ScriptedRegistry.Status(http, 200, """{"tags":["a"]}""", headers: ("Link", "<list?last=a>; rel=\"next\""))
            : refused++ == 0 ? ScriptedRegistry.Status(http, 429, headers: ("Retry-After", "1"))
            : ScriptedRegistry.Status(http, 200, """{"tags":["b"]}""");
        using var remote = _registry.Open(patience: CopyPatience.Default);
        Assert.Equal(["a", "b"], await remote.OpenRepository(RepositoryName.Parse("team/app")).ListTagsAsync(default).Select(t => t.ToString()).ToListAsync());
        Assert.Equal(3, _registry.Asked.Count);
    }

    [Fact]
    public async Task Referrers_come_in_pages()
    {
        _registry.Answer = http => http.Request.Query.ContainsKey("last") ? ScriptedRegistry.Status(http, 200, Index(), MediaTypes.OciIndex)
            : ScriptedRegistry.Status(http, 200, Index(), MediaTypes.OciIndex, ("Link", $"</v2/team/app/referrers/{s_subject}?last=x>; rel=\"next\""));
        var referrers = await ReferrersAsync();
        Assert.Equal([s_referrer, s_referrer], referrers.Select(r => r.Digest));
        Assert.Equal(("a/b", 7L), (referrers[0].ArtifactType, referrers[0].Size));
        Assert.Equal(2, _registry.Asked.Count);
    }

    [Theory]
    [InlineData(404, "", null)]
    [InlineData(405, "", null)]
    [InlineData(200, "<html>", "text/html")]
    [InlineData(200, "{}", "application/json")]
    public async Task Where_there_is_no_list_of_referrers_there_may_be_a_tag(int status, string body, string? type)
    {
        var tag = $"/v2/team/app/manifests/{s_subject.ToString().Replace(':', '-')}";
        _registry.Answer = http => http.Request.Path == tag ? ScriptedRegistry.Status(http, 200, Index(), MediaTypes.OciIndex) : ScriptedRegistry.Status(http, status, body, type);
        Assert.Equal([s_referrer], (await ReferrersAsync()).Select(r => r.Digest));
        _registry.Answer = http => http.Request.Path == tag ? ScriptedRegistry.Status(http, 200, "{}", MediaTypes.OciManifest) : ScriptedRegistry.Status(http, status, body, type);
        Assert.Empty(await ReferrersAsync());
        _registry.Answer = http => http.Request.Path == tag ? ScriptedRegistry.Status(http, 404) : ScriptedRegistry.Status(http, status, body, type);
        Assert.Empty(await ReferrersAsync());
    }

    [Fact]
    public async Task A_list_of_referrers_that_cannot_be_read_is_told_of()
    {
        _registry.Answer = http => ScriptedRegistry.Status(http, 200, Index(",5"), MediaTypes.OciIndex);
        await Assert.ThrowsAsync<ImageSourceException>(ReferrersAsync);
        _registry.Answer = http => ScriptedRegistry.Status(http, 503);
        Assert.True((await Assert.ThrowsAsync<ImageSourceException>(ReferrersAsync)).IsTransient);
    }

    private async Task<List<string>> TagsAsync()
    {
        using var remote = _registry.Open();
        return await remote.OpenRepository(RepositoryName.Parse("team/app")).ListTagsAsync(default).Select(t => t.ToString()).ToListAsync();
    }

    private async Task<List<Descriptor>> ReferrersAsync()
    {
        using var remote = _registry.Open();
        return await remote.OpenRepository(RepositoryName.Parse("team/app")).ListReferrersAsync(s_subject, default).ToListAsync();
    }
}
