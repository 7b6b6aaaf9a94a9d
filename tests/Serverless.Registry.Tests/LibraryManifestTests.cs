using System.Text;
using Serverless.Registry.Core;
using Serverless.Registry.Events;
using Serverless.Registry.Oci;
using Xunit;

namespace Serverless.Registry.Tests;

public sealed class LibraryManifestTests : LibraryTest
{
    private static readonly Tag s_v1 = Tag.Parse("v1");
    private static readonly Tag s_v2 = Tag.Parse("v2");

    [Fact]
    public async Task A_manifest_can_be_put_found_read_listed_and_deleted()
    {
        var image = await PushImageAsync(Repository, 1, s_v1);
        foreach (var reference in (Reference[])[new(s_v1), new(image.Digest)])
        {
            Assert.Equal((image.Digest, image.Payload.Length), ((await Repository.Manifests.FindAsync(reference, default))!.Digest, (await Repository.Manifests.FindAsync(reference, default))!.Size));
            var stored = await Repository.Manifests.GetAsync(reference, default);
            Assert.Equal(image.Payload.ToArray(), stored!.Payload.ToArray());
            Assert.Equal(image.Content.Blobs[0].Digest, stored.Parse(Registry.Options.ManifestTypes).Content.Blobs[0].Digest);
        }

        Assert.Equal(image.Digest, Assert.Single(await Repository.Manifests.ListAsync(default).ToListAsync()).Digest);
        Assert.True(await Repository.Manifests.DeleteAsync(image.Digest, default));
        Assert.Empty(await Repository.Manifests.ListAsync(default).ToListAsync());
        Assert.Empty(await Repository.Tags.ListAsync(default).ToListAsync());
    }

    [Fact]
    public async Task Tags_can_be_put_found_listed_by_digest_and_deleted_and_have_a_history()
    {
        var (first, second) = (await PushImageAsync(Repository, 1, s_v1), await PushImageAsync(Repository, 2));
        Time.Advance(TimeSpan.FromMinutes(1));
        await Registry.GetRepository(Repository.Name, ChangeOrigin.Of("somebody else")).Tags.PutAsync(s_v1, second.Digest, default);
        await Repository.Tags.PutAsync(s_v2, first.Digest, default);
        Assert.Equal(second.Digest, (await Repository.Tags.FindAsync(s_v1, default))!.Digest);
        Assert.Equal([s_v1, s_v2], await Repository.Tags.ListAsync(default).ToListAsync());
        Assert.Equal([s_v2], await Repository.Tags.ListByDigestAsync(first.Digest, default).ToListAsync());
        var (page, more) = await Repository.Tags.ListPageAsync(1, null, default);
        Assert.Equal([s_v1], page);
        Assert.True(more);

        var history = await Repository.Tags.ListHistoryAsync(s_v1, default).ToListAsync();
        Assert.Equal([second.Digest, first.Digest], history.Select(m => m.Target.Digest));
        Assert.Equal(["somebody else", "somebody"], history.Select(m => m.Actor));
        Assert.Equal(TimeSpan.FromMinutes(1), history[0].Time - history[1].Time);

        Assert.True(await Repository.Tags.DeleteAsync(s_v1, default));
        Assert.False(await Repository.Tags.DeleteAsync(s_v1, default));
        Assert.Null(await Repository.Tags.FindAsync(s_v1, default));
        var e = await Assert.ThrowsAsync<RegistryException>(() => Repository.Tags.PutAsync(s_v1, Digest.Compute(DigestAlgorithm.Sha256, []), default));
        Assert.Equal(RegistryError.ManifestUnknown, e.Error);
    }

    [Fact]
    public async Task A_bad_push_can_be_rolled_back_by_the_history()
    {
        var good = await PushImageAsync(Repository, 1, s_v1);
        Time.Advance(TimeSpan.FromMinutes(1));
        await PushImageAsync(Repository, 2, s_v1);
        var before = (await Repository.Tags.ListHistoryAsync(s_v1, default).ToListAsync())[1];
        await Repository.Tags.PutAsync(s_v1, before.Target.Digest, default);
        Assert.Equal(good.Digest, (await Repository.Tags.FindAsync(s_v1, default))!.Digest);
    }

    [Fact]
    public async Task A_type_of_ones_own_can_be_registered()
    {
        const string Recipe = "application/vnd.example.recipe+json";
        var types = ManifestTypes.Default.With(Recipe, root => new ManifestContent
        {
            Blobs = [.. root.GetProperty("ingredients").EnumerateArray().Select(d => new Descriptor(MediaTypes.OctetStream, Digest.Parse(d.GetString()!), 0))],
        });
        var kitchen = NewInstance(new RegistryOptions { ManifestTypes = types }).GetRepository(RepositoryName.Parse("kitchen"));
        var flour = await kitchen.Blobs.PutAsync(Any.Content(10), default);
        var payload = Encoding.UTF8.GetBytes($$"""{"schemaVersion":2,"ingredients":["{{flour.Digest}}"]}""");
        var bread = types.Parse(Recipe, payload);
        await kitchen.Manifests.PutAsync(bread, [Tag.Parse("bread")], default);
        Assert.Equal(Recipe, (await kitchen.Manifests.FindAsync(new Reference(Tag.Parse("bread")), default))!.MediaType);
        var e = Assert.Throws<RegistryException>(() => ManifestTypes.Default.Parse(Recipe, payload));
        Assert.Equal(RegistryError.ManifestInvalid, e.Error);
        Assert.Throws<KeyNotFoundException>(() => types.Parse(Recipe, """{"schemaVersion":2}"""u8.ToArray()));
    }

    [Fact]
    public async Task Repositories_are_listed_counted_and_removed()
    {
        foreach (var name in (string[])["b", "a", "c"]) await PushImageAsync(Registry.GetRepository(RepositoryName.Parse(name)), 1, s_v1);
        Assert.Equal(["a", "b", "c"], (await Registry.ListAsync(default).ToListAsync()).Select(n => n.ToString()));
        var (page, more) = await Registry.ListPageAsync(2, null, default);
        Assert.Equal((2, true), (page.Count, more));
        Assert.True(await Registry.ContainsAsync(RepositoryName.Parse("a"), default));

        Assert.True(await Registry.RemoveAsync(RepositoryName.Parse("a"), default));
        Assert.Empty(await Registry.GetRepository(RepositoryName.Parse("a")).Manifests.ListAsync(default).ToListAsync());
        // Somebody may have announced a push moments ago and rely on the name being listed; once that is over, the name goes.
        Assert.True(await Registry.ContainsAsync(RepositoryName.Parse("a"), default));
        Time.Advance(TimeSpan.FromHours(5));
        Assert.True(await Registry.RemoveAsync(RepositoryName.Parse("a"), default));
        Assert.False(await Registry.ContainsAsync(RepositoryName.Parse("a"), default));
        Assert.False(await Registry.RemoveAsync(RepositoryName.Parse("a"), default));
        await PushImageAsync(Registry.GetRepository(RepositoryName.Parse("a")), 1, s_v1);
        Assert.True(await Registry.ContainsAsync(RepositoryName.Parse("a"), default));
    }

    [Fact]
    public void A_name_outside_the_scope_is_unknown()
    {
        var scope = RegistryScope.Below(RepositoryName.Parse("team"));
        var registry = NewInstance(new RegistryOptions { Scope = scope });
        Assert.Equal("team/app", registry.GetRepository(RepositoryName.Parse("team/app")).Name.ToString());
        foreach (var name in (string[])["team", "teams/app", "other"])
        {
            Assert.Equal(RegistryError.NameUnknown, Assert.Throws<RegistryException>(() => registry.GetRepository(RepositoryName.Parse(name))).Error);
        }
    }

    [Fact]
    public void Options_that_cannot_work_are_refused() =>
        Assert.Throws<ArgumentException>(() => NewInstance(new RegistryOptions { Grace = TimeSpan.FromHours(1) }));
}
