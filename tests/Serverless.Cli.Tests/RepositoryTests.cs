using System.Text.Json;
using Serverless.Registry;
using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Xunit;

namespace Serverless.Cli.Tests;

public abstract class RepositoryTests : CliTest
{
    private protected ContainerRegistry Registry => new(Stores.Tables, Stores.Objects, new RegistryOptions(), Time);

    /// <summary>How what is said of a removal begins.</summary>
    protected abstract string Removed { get; }

    private Repository App => Registry.GetRepository(RepositoryName.Parse("team/app"));

    [Fact]
    public async Task What_was_deleted_is_listed_and_restored()
    {
        var digest = await PushAsync("1", "v1");
        await App.Manifests.DeleteAsync(digest, default);
        Assert.StartsWith($"{digest}\t{digest}\t2026-01-01", (await RunAsync("undelete", "team/app")).Out, StringComparison.Ordinal);
        Assert.Equal(1, (await RunAsync("undelete", "team/app", "v9")).Code);
        Assert.Contains("neither a tag nor a digest", (await RunAsync("undelete", "team/app", "v:9")).Error, StringComparison.Ordinal);
        Assert.Contains("with the tags v1", (await RunAsync("undelete", "team/app", $"{digest}")).Error, StringComparison.Ordinal);
        Assert.Equal(digest, (await App.Tags.FindAsync(Tag.Parse("v1"), default))!.Digest);
        await App.Tags.DeleteAsync(Tag.Parse("v1"), default);
        Assert.Equal(0, (await RunAsync("undelete", "team/app", "v1")).Code);
        Assert.Equal(digest, (await App.Tags.FindAsync(Tag.Parse("v1"), default))!.Digest);
    }

    [Fact]
    public async Task A_tag_is_rolled_back_also_after_it_was_deleted()
    {
        var (good, bad) = (await PushAsync("1", "v1"), await PushAsync("2", "v1"));
        Assert.Equal(0, (await RunAsync("tag", "rollback", "team/app:v1")).Code);
        Assert.Equal(good, (await App.Tags.FindAsync(Tag.Parse("v1"), default))!.Digest);
        await App.Tags.DeleteAsync(Tag.Parse("v1"), default);
        Assert.Equal(0, (await RunAsync("tag", "rollback", "team/app:v1")).Code);
        Assert.Equal(good, (await App.Tags.FindAsync(Tag.Parse("v1"), default))!.Digest);
        var history = Lines((await RunAsync("tag", "history", "team/app:v1")).Out);
        Assert.Equal(4, history.Count);
        Assert.Contains(bad.ToString(), history[2], StringComparison.Ordinal);
        Assert.Equal(1, (await RunAsync("tag", "rollback", "team/app:none")).Code);
        Assert.Equal(2, (await RunAsync("tag", "rollback", "team/app")).Code);
    }

    [Fact]
    public async Task A_repository_is_removed()
    {
        var image = await PushAsync("1", "v1");
        var removed = await RunAsync("repository", "remove", "team/app");
        Assert.Equal(0, removed.Code);
        Assert.StartsWith(Removed, removed.Error, StringComparison.Ordinal);
        Assert.Null(await App.Manifests.FindAsync(new Reference(image), default));
        Assert.Equal(1, (await RunAsync("repository", "remove", "team/none")).Code);
        Assert.Equal(2, (await RunAsync("repository", "remove", "Team")).Code);
    }

    [Fact]
    public async Task Repositories_and_tags_are_listed()
    {
        var image = await PushAsync("1", "v1", "v2");
        var size = (await App.Manifests.FindAsync(new Reference(image), default))!.Size;
        Assert.Equal(new CliRun(0, "team/app\n", ""), await RunAsync("repository", "list"));
        using var names = JsonDocument.Parse((await RunAsync("repository", "list", "--json")).Out);
        Assert.Equal("team/app", Assert.Single(names.RootElement.EnumerateArray()).GetProperty("name").GetString());
        var tags = await RunAsync("tag", "list", "team/app");
        Assert.Equal(new CliRun(0, $"v1\t{image}\t{size}\t2026-01-01T00:00:00Z\t-\nv2\t{image}\t{size}\t2026-01-01T00:00:00Z\t-\n", ""), tags);
        using var json = JsonDocument.Parse((await RunAsync("tag", "list", "team/app", "--json")).Out);
        Assert.Equal(["v1", "v2"], json.RootElement.EnumerateArray().Select(t => t.GetProperty("tag").GetString()));
        Assert.Equal(new CliRun(1, "", "There is no repository team/none.\n"), await RunAsync("tag", "list", "team/none"));
    }

    [Fact]
    public async Task A_tag_is_deleted_and_comes_back()
    {
        var image = await PushAsync("1", "v1", "v2");
        Assert.Equal(new CliRun(0, "", "team/app:v1 is deleted.\n"), await RunAsync("tag", "remove", "team/app:v1"));
        Assert.Equal(new CliRun(1, "", "There is no tag team/app:v1.\n"), await RunAsync("tag", "remove", "team/app:v1"));
        Assert.Equal(["v2"], await App.Tags.ListAsync(default).Select(t => t.ToString()).ToListAsync());
        Assert.Equal(new CliRun(0, "", $"{image} is there again, with the tags v1.\n"), await RunAsync("undelete", "team/app", "v1"));
        Assert.Equal(1, (await RunAsync("tag", "remove", "team/none:v1")).Code);
    }

    // A list of the API has as many entries in a page as the settings say.
    [Fact]
    public async Task Lists_are_whole_however_small_their_pages()
    {
        (Environment["Registry:Tags:MaxEntries"], Environment["Registry:Catalog:MaxEntries"]) = ("2", "2");
        var tags = Enumerable.Range(1, 5).Select(i => $"v{i}").ToArray();
        await PushAsync("1", tags);
        foreach (var name in (string[])["a", "b", "c", "d"]) await PushToAsync(name, "1", "v1");
        Assert.Equal(tags, Lines((await RunAsync("tag", "list", "team/app")).Out).Select(l => l.Split('\t')[0]));
        Assert.Equal(["a", "b", "c", "d", "team/app"], Lines((await RunAsync("repository", "list")).Out));
    }

    private Task<Digest> PushAsync(string seed, params string[] tags) => PushToAsync("team/app", seed, tags);

    private async Task<Digest> PushToAsync(string name, string seed, params string[] tags)
    {
        var repository = Registry.GetRepository(RepositoryName.Parse(name));
        var config = await repository.Blobs.PutAsync(System.Text.Encoding.UTF8.GetBytes($"{{\"seed\":\"{seed}\"}}"), default);
        var image = ManifestBuilder.ForImage(config with { MediaType = MediaTypes.OciConfig }).Build();
        await repository.Manifests.PutAsync(image, [.. tags.Select(t => Tag.Parse(t))], default);
        Time.Advance(TimeSpan.FromSeconds(1));
        return image.Digest;
    }

    private static List<string> Lines(string text) => [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.TrimEnd('\r'))];
}

public sealed class StoredRepositoryTests : RepositoryTests
{
    protected override string Removed => "1 tags and 1 manifests of team/app are deleted.";
}

public sealed class ApiRepositoryTests : RepositoryTests
{
    protected override string Removed => "The tags and manifests of team/app are deleted, save what somebody pushed meanwhile.";

    private protected override bool OverApi => true;
}
