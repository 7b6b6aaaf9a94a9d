using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using Serverless.Registry;
using Serverless.Registry.Oci;
using Serverless.Testing;

namespace Serverless.Soak;

/// <summary>Makes requests to an instance of its own; when that dies it goes on with a new one. Its tags are its own, its blobs and repositories everybody's.</summary>
internal sealed class Client(int number, SoakOptions options, SoakStorage storage, Ledger ledger)
{
    private const int MaxOwn = 12;

    private readonly SeededGenerator _random = new((options.Seed * 1000) + (ulong)number);
    private readonly List<(Promise Promise, Tag Tag)> _own = [];
    private Instance? _instance;
    private int _images;

    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            _instance = Instance.Next(_instance, storage, _random, faultRate: 10);
            var what = _random.Next(10);
            if (_own.Count < MaxOwn && what < 5) await PushAsync();
            else if (what < 7) await PullAsync(_random.Next(2) == 0 || _own.Count == 0 ? null : _random.Pick(_own).Promise);
            else if (_own.Count > 0 && what == 7) await RetagAsync(_random.Next(_own.Count));
            else if (_own.Count > 0) await DeleteAsync(_random.Next(_own.Count));
            await Task.Delay(5, CancellationToken.None);
        }
    }

    private async Task PushAsync()
    {
        var name = _random.Pick(Content.Repositories);
        var (image, tag) = (NewImage(out var blobs), Tag.Parse($"c{number}-{_images % 40}"));
        if (_own.Exists(o => o.Promise.Repository == name && o.Tag == tag)) return;
        foreach (var blob in blobs)
        {
            if (!await RequestAsync("blob", r => BringAsync(r, name, blob))) return;
        }

        // Somebody who goes for a coffee between the blobs and the manifest.
        if (_random.Chance(1000, 10_000)) await Task.Delay(_random.Next((int)(0.5 * SoakOptions.Registry.Grace.TotalMilliseconds)), CancellationToken.None);
        await PutAsync(name, image, tag);
    }

    private async Task PutAsync(RepositoryName name, Manifest image, Tag tag)
    {
        var done = await RequestAsync("manifest", r => r.GetRepository(name).Manifests.PutAsync(image, [tag], default));
        if (!done) return;
        var promise = new Promise(name, image);
        _own.Add((promise, tag));
        ledger.Keep(promise);
    }

    /// <summary>As clients do: a look, a mount, an upload whole or in chunks.</summary>
    private async Task BringAsync(ContainerRegistry registry, RepositoryName name, int blob)
    {
        var (digest, bytes, blobs) = (Content.DigestOf(blob), Content.BytesOf(blob), registry.GetRepository(name).Blobs);
        if (await blobs.FindAndKeepAsync(digest, default) is not null) return;
        if (_random.Next(2) == 0 && await blobs.MountAsync(digest, _random.Pick(Content.Repositories), default) is not null) return;
        if (_random.Next(3) > 0)
        {
            await blobs.PutAsync(Body(bytes), digest, default);
            return;
        }

        var upload = await blobs.StartUploadAsync(default);
        await upload.AppendAsync(Body(bytes[..(bytes.Length / 2)]), null, default);
        if (_random.Next(10) == 0) return;
        if (_random.Next(10) == 0) await upload.CancelAsync(default);
        else await upload.CommitAsync(digest, Body(bytes[(bytes.Length / 2)..]), null, default);
    }

    private async Task PullAsync(Promise? promise)
    {
        if (promise is null)
        {
            if (ledger.Standing is not { Count: > 0 } standing) return;
            promise = _random.Pick(standing);
        }

        await RequestAsync("pull", r => Puller.PullAsync(r, promise, ledger));
    }

    /// <summary>Moves a tag to another image of the same repository; the one that loses it becomes garbage.</summary>
    private async Task RetagAsync(int index)
    {
        var (old, tag) = _own[index];
        _own.RemoveAt(index);
        ledger.Release(old);
        var image = NewImage(out var blobs);
        foreach (var blob in blobs)
        {
            if (!await RequestAsync("blob", r => BringAsync(r, old.Repository, blob))) return;
        }

        await PutAsync(old.Repository, image, tag);
    }

    private async Task DeleteAsync(int index)
    {
        var (old, tag) = _own[index];
        _own.RemoveAt(index);
        ledger.Release(old);
        var byTag = _random.Next(3) == 0;
        await RequestAsync("delete", async r =>
        {
            if (byTag) await r.GetRepository(old.Repository).Tags.DeleteAsync(tag, default);
            else await r.GetRepository(old.Repository).Manifests.DeleteAsync(old.Manifest.Digest, default);
        });
    }

    private Manifest NewImage(out int[] blobs)
    {
        blobs = [.. Enumerable.Range(0, 3).Select(_ => _random.Next(_random.Next(2) == 0 ? Content.Popular : Content.Blobs)).Distinct()];
        return Content.Image(blobs, $"{number}-{_images++}");
    }

    /// <returns>Whether it was acknowledged in time. No promise is made of requests that take longer than any may.</returns>
    private async Task<bool> RequestAsync(string what, Func<ContainerRegistry, Task> act)
    {
        var started = Stopwatch.StartNew();
        ledger.Count(what, operation: true);
        try
        {
            if (_instance!.Faults.Dead) return false;
            await act(_instance.Registry);
        }
        catch (Exception e) when (e is RegistryException || StorageFaults.IsFault(e))
        {
            ledger.Count(e is RegistryException ? "refused" : "failed");
            return false;
        }

        if (started.Elapsed <= SoakOptions.Registry.LongestRequest) return true;
        ledger.Count("too slow");
        return false;
    }

    private static PipeReader Body(byte[] bytes) => PipeReader.Create(new ReadOnlySequence<byte>(bytes));
}
