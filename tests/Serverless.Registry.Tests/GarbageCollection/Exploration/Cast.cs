using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Serverless.Registry.Scheduling;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Tests.GarbageCollection.Exploration;

/// <summary>The actors that scenarios are made of. All of them are about one blob, which every image has as its config.</summary>
internal static class Cast
{
    private const string Collecting = "collect";

    public static readonly RepositoryName App = RepositoryName.Parse("app");
    public static readonly RepositoryName Other = RepositoryName.Parse("other");
    public static readonly byte[] Content = TestRegistry.Utf8("{}");
    public static readonly Descriptor Config = new(MediaTypes.OciConfig, TestRegistry.Sha256Of(Content), Content.Length);
    public static readonly Manifest Image = ManifestBuilder.ForImage(Config).Build();
    public static readonly Manifest OtherImage = new Func<Manifest>(() =>
    {
        var builder = ManifestBuilder.ForImage(Config);
        builder.Annotations["other"] = "yes";
        return builder.Build();
    })();

    public static readonly Manifest ImageIndex = ManifestBuilder.ForIndex().Append(Image.Descriptor).Build();
    public static readonly Manifest Referrer = new Func<Manifest>(() =>
    {
        var builder = ManifestBuilder.ForImage(Config);
        builder.Subject = Image.Descriptor;
        return builder.Build();
    })();

    public static readonly Tag First = Tag.Parse("first");
    public static readonly Tag Second = Tag.Parse("second");

    public static Digest BlobDigest => Config.Digest;

    /// <summary>Pushes the blob and then the image; begins again when the blob was collected in between.</summary>
    public static Script Push(RepositoryName repository, string name = "push") => new(name, true, async actor =>
    {
        for (var attempt = 0; attempt < 2; attempt++)
        {
            await actor.BeginAsync();
            await actor.Registry.GetRepository(repository).Blobs.PutAsync(Content, default);
            if (await PutImageAsync(actor, repository)) return;
        }
    });

    /// <summary>Pushes the blob and nothing else.</summary>
    public static Script PutBlob(RepositoryName repository) => new("put blob", true, async actor =>
    {
        await actor.BeginAsync();
        await actor.Registry.GetRepository(repository).Blobs.PutAsync(Content, default);
    });

    /// <summary>Mounts the blob and nothing else.</summary>
    public static Script MountOnly(RepositoryName repository, RepositoryName from) => new("mount", true, async actor =>
    {
        await actor.BeginAsync();
        await actor.Registry.GetRepository(repository).Blobs.MountAsync(BlobDigest, from, default);
    });

    /// <summary>Looks whether the blob is there, and uploads it only if not.</summary>
    public static Script HeadAndPush(RepositoryName repository) => new("head", true, async actor =>
    {
        await actor.BeginAsync();
        var there = await actor.Registry.GetRepository(repository).Blobs.FindAndKeepAsync(BlobDigest, default) is not null;
        if (there && await PutImageAsync(actor, repository)) return;
        await actor.BeginAsync();
        await actor.Registry.GetRepository(repository).Blobs.PutAsync(Content, default);
        await PutImageAsync(actor, repository);
    });

    /// <summary>Mounts the blob, or uploads it if that fails, and pushes the image.</summary>
    public static Script Mount(RepositoryName repository, RepositoryName from) => new("mount", true, async actor =>
    {
        await actor.BeginAsync();
        if (await actor.Registry.GetRepository(repository).Blobs.MountAsync(BlobDigest, from, default) is null)
        {
            await actor.BeginAsync();
            await actor.Registry.GetRepository(repository).Blobs.PutAsync(Content, default);
        }

        await PutImageAsync(actor, repository);
    });

    public static Script DeleteManifest(RepositoryName repository, Digest digest, string name = "delete") => new(name, true, async actor =>
    {
        await actor.BeginAsync();
        await actor.Promises.DeleteAsync(repository, digest, () => actor.Registry.GetRepository(repository).Manifests.DeleteAsync(digest, default));
    });

    /// <summary>Undoes the deletion of a manifest, if there is anything to undo.</summary>
    public static Script Undelete(RepositoryName repository, Digest digest) => new("undelete", true, async actor =>
    {
        await actor.BeginAsync();
        try
        {
            await actor.Promises.PutAsync(repository, digest, async () => await actor.Registry.GetRepository(repository).Manifests.UndeleteAsync(new Reference(digest), default) is not null);
        }
        catch (RegistryException e) when (e.Error == RegistryError.ManifestBlobUnknown)
        {
            // Too late.
        }
    });

    /// <summary>Pushes the blob; from then on its bytes are there.</summary>
    public static Script PutBlobAgain(RepositoryName repository) => new("put again", true, async actor =>
    {
        await actor.BeginAsync();
        await actor.Registry.GetRepository(repository).Blobs.PutAsync(Content, default);
        actor.Promises.Download((await new GatedTableStore(actor).FindAsync(TableKeys.BlobsTable, TableKeys.Link(BlobDigest, repository), default))!.GetString("location"));
    });

    /// <summary>Points a tag at a manifest, unless the manifest is gone.</summary>
    /// <param name="tag">The tag.</param>
    /// <param name="digest">The manifest.</param>
    /// <param name="stays">Whether nobody deletes the manifest, and with it the tag.</param>
    public static Script PutTag(Tag tag, Digest digest, bool stays = true) => new("tag", true, async actor =>
    {
        await actor.BeginAsync();
        try
        {
            await actor.Registry.GetRepository(App).Tags.PutAsync(tag, digest, default);
            if (!stays) return;
            actor.Promises.Keep(App, tag, digest);
            actor.Promises.Keep(App, digest);
        }
        catch (RegistryException e) when (e.Error == RegistryError.ManifestUnknown)
        {
            // A manifest without a tag may be gone.
        }
    });

    /// <summary>Pushes a manifest under a tag.</summary>
    public static Script PutTagged(Manifest manifest, Tag tag) => new("put", true, async actor =>
    {
        await actor.BeginAsync();
        try
        {
            await actor.Promises.PutAsync(App, manifest.Digest, () => actor.Registry.GetRepository(App).Manifests.PutAsync(manifest, [tag], default));
        }
        catch (RegistryException e) when (e.Error == RegistryError.ManifestBlobUnknown)
        {
            // What it names was collected before.
        }
    });

    public static Script DeleteBlob(RepositoryName repository) => new("delete blob", true, async actor =>
    {
        await actor.BeginAsync();
        actor.Promises.ReleaseBlob(repository, BlobDigest);
        await actor.Registry.GetRepository(repository).Blobs.DeleteAsync(BlobDigest, default);
    });

    /// <summary>Asks for the blob and gets a URL.</summary>
    public static Script Download(RepositoryName repository) => new("download", true, async actor =>
    {
        await actor.BeginAsync();
        var tables = new GatedTableStore(actor);
        var link = await tables.FindAsync(TableKeys.BlobsTable, TableKeys.Link(BlobDigest, repository), default);
        if (link is not null) actor.Promises.Download(link.GetString("location"));
    });

    public static Script Collect(Scenario scenario, int runs = 1, string name = "collect") => new(name, false, async actor =>
    {
        for (var run = 0; run < runs; run++)
        {
            await actor.BeginAsync();
            await actor.Registry.GarbageCollector.CollectAsync(scenario.Collection, null, default);
        }
    });

    /// <summary>Collects once, as the timer does: if the task can be claimed, and from where its last run was cut off.</summary>
    public static Script CollectClaimed(Scenario scenario, string name = "collect") => new(name, false, async actor =>
    {
        await actor.BeginAsync();
        var claims = new TaskClaims(actor.Stores.Tables, actor.World.Time);
        using var claim = await claims.TryClaimAsync(Collecting, TimeSpan.Zero, scenario.Options.Grace / 2, default);
        actor.See($"claimed {claim is not null}");
        if (claim is null) return;
        try
        {
            await actor.Registry.GarbageCollector.CollectAsync(scenario.Collection, null, new WalkCursor(claim.Cursor, claim.SaveCursorAsync), claim.Token);
            await claim.FinishAsync(default);
        }
        catch (Exception e) when (e is ClaimLostException or OperationCanceledException)
        {
            // Another run has it by now.
            actor.See("lost");
        }
        catch (RegistryException e) when (e.Error == RegistryError.Unsupported)
        {
            actor.See("refused");
            await claim.CutOffAsync(claim.Cursor ?? "", default);
        }
    });

    /// <summary>Raises the format, unless somebody collects at the moment.</summary>
    public static Script Raise(RegistryFormat format) => new("raise", false, async actor =>
    {
        await actor.BeginAsync();
        var raised = await actor.Registry.Format.RaiseAsync(format, new FormatRaiseOptions([Collecting]) { Wait = TimeSpan.Zero }, null, default);
        actor.See($"{raised}");
    });

    /// <summary>Raises the format without a look at who collects.</summary>
    public static Script RaiseAtOnce(RegistryFormat format) => new("raise", false, async actor =>
    {
        await actor.BeginAsync();
        await actor.Stores.Tables.WriteAsync(TableKeys.SystemTable, new RowWrite.Merge(TableKeys.Format, format.ToProperties(), "*"), default);
    });

    public static async Task<bool> PutImageAsync(Actor actor, RepositoryName repository)
    {
        await actor.BeginAsync();
        try
        {
            await actor.Promises.PutAsync(repository, Image.Digest, () => actor.Registry.GetRepository(repository).Manifests.PutAsync(Image, [], default));
            return true;
        }
        catch (RegistryException e) when (e.Error == RegistryError.ManifestBlobUnknown)
        {
            return false;
        }
    }
}
