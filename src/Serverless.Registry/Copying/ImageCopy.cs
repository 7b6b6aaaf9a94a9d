using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Serverless.Registry.Core;
using Serverless.Registry.Oci;

namespace Serverless.Registry.Copying;

/// <summary>
/// Copies images from a source to a target: what an image names before the image, an index after its images, and after all of them what refers to them.
/// <code>
///   manifest -> is it there? then so is all that it names
///            -> would it be refused? then no byte of it is sent
///            -> children, some at a time, each like this one
///            -> blobs, some at a time: there? elsewhere in the same registry (mounted)? else sent from the source
///            -> the manifest, then its tags
///   what refers to it or to its children, each like this one, and so on
/// </code>
/// A copy that is cut off is gone on with by the next one, which sends nothing that has arrived whole.
/// </summary>
public sealed partial class ImageCopy
{
    // As deep as indexes and referrers may lead.
    private const int MaxDepth = 16;

    // Platforms that a message names.
    private const int MaxNamed = 30;

    private readonly ManifestTypes _types;
    private readonly IImageSource _source;
    private readonly IImageTarget _target;
    private readonly CopyOptions _options;
    private readonly CopyProgress _progress;
    private readonly BlobCopy _blobs;
    private readonly OnceEach _manifests = new();
    private readonly SharedLimit _listing = new(1);

    // Whose referrers are still to be copied, and whose have been asked for.
    private readonly ConcurrentQueue<(Digest Subject, int Depth)> _subjects = new();
    private readonly ConcurrentDictionary<Digest, bool> _asked = new();
    private int _told;

    /// <summary>A copy, of as many images as it is asked for. What several of them name is looked at once.</summary>
    /// <param name="ends">Where from and where to.</param>
    /// <param name="types">The manifest types that are copied.</param>
    /// <param name="options">Choices.</param>
    /// <param name="progress">Told how far it has come.</param>
    /// <param name="time">The clock of waits for those who are busy.</param>
    public ImageCopy(CopyEnds ends, ManifestTypes types, CopyOptions options, CopyProgress progress, TimeProvider time)
    {
        (_source, _target, _types, _options, _progress) = (ends.Source, ends.Target, types, options, progress);
        _blobs = new BlobCopy(new ImageSourceReader(ends.Source, options.Patience, time), ends.Target, ends.Parts, options, progress);
    }

    /// <summary>Why the last tag that could not be copied could not; null: all could so far.</summary>
    public Exception? LastFailure { get; private set; }

    /// <summary>Copies an image.</summary>
    /// <param name="reference">The tag or digest in the source.</param>
    /// <param name="tags">The tags that it gets; may be empty.</param>
    /// <param name="cancellationToken">Ends the copy between two calls; what is whole stays.</param>
    /// <returns>The image.</returns>
    /// <exception cref="ImageSourceException">The source does not have it, or does not answer as it should.</exception>
    /// <exception cref="RegistryException">It cannot be stored here.</exception>
    public async Task<Descriptor> CopyAsync(Reference reference, IReadOnlyCollection<Tag> tags, CancellationToken cancellationToken)
    {
        var manifest = await FindAsync(reference, null, cancellationToken) ?? throw new ImageSourceException($"The source has no {reference}.");
        if (_options.Platform is { } platform && manifest.Content.Manifests.Count > 0)
        {
            var wanted = manifest.Content.Manifests.FirstOrDefault(m => m.PlatformWithVariant is { } p && Fits(p, platform))
                ?? throw new ImageSourceException($"{reference} has no image for {platform}: there are {string.Join(", ", manifest.Content.Manifests.Select(m => m.PlatformWithVariant).OfType<string>().Distinct().Take(MaxNamed))}.");
            manifest = await FindAsync(new Reference(wanted.Digest), wanted.MediaType, cancellationToken) ?? throw new ImageSourceException($"The source has no manifest {wanted.Digest}, though it names it.");
        }

        await CopyAsync(manifest, tags, 0, cancellationToken);
        await CopyReferrersAsync(cancellationToken);
        TellProblems();
        return manifest.Descriptor;
    }

    /// <summary>Copies the tags of a repository that the options choose, each under its own name.</summary>
    /// <param name="report">Told of each tag when it is copied, and why one was not: null, then.</param>
    /// <param name="cancellationToken">Ends the copy.</param>
    /// <returns>How many tags could not be copied.</returns>
    /// <exception cref="ImageSourceException">The source does not list its tags.</exception>
    public async Task<int> CopyTagsAsync(Action<Tag, Descriptor?, string?> report, CancellationToken cancellationToken)
    {
        var failed = 0;
        await foreach (var tag in _source.ListTagsAsync(cancellationToken))
        {
            if (!_options.Tags(tag)) continue;
            try
            {
                if (ReferrersTag().IsMatch(tag.ToString()) && !_options.KeepReferrersTags && await CopyListedAsync(tag, cancellationToken)) continue;
                report(tag, await CopyAsync(new Reference(tag), [tag], cancellationToken), null);
            }
            catch (Exception e) when (e is ImageSourceException or RegistryException)
            {
                // The others may well be copied.
                failed++;
                LastFailure = e;
                LastFailure = e;
                report(tag, null, e.Message);
            }
        }

        TellProblems();
        return failed;
    }

    // Each once, however many images are copied.
    private void TellProblems()
    {
        foreach (var problem in _source.Problems.Skip(_told)) _progress.AddProblem(problem);
        _told = _source.Problems.Count;
    }

    // An index of the referrers tag schema lists what refers to a subject. Each says so itself, and becomes a referrer by that. A tag of somebody's own may be called so too.
    private async Task<bool> CopyListedAsync(Tag tag, CancellationToken cancellationToken)
    {
        if (await FindAsync(new Reference(tag), null, cancellationToken) is not { Content.Manifests.Count: > 0 } index) return false;
        List<Manifest> referrers = [];
        foreach (var listed in index.Content.Manifests)
        {
            // Lists that clients keep may name what is gone.
            if (await FindAsync(new Reference(listed.Digest), listed.MediaType, cancellationToken) is not { } referrer) continue;
            // The tag is the subject's digest, or as much of it as a tag has room for.
            if (referrer.Content.Subject?.Digest.ToString().Replace(':', '-').StartsWith(tag.ToString(), StringComparison.Ordinal) != true) return false;
            referrers.Add(referrer);
        }

        if (!_options.Referrers) return true;
        foreach (var referrer in referrers) await CopyAsync(referrer, [], 1, cancellationToken);
        await CopyReferrersAsync(cancellationToken);
        return true;
    }

    private async Task CopyAsync(Manifest manifest, IReadOnlyCollection<Tag> tags, int depth, CancellationToken cancellationToken)
    {
        if (depth > MaxDepth) throw new ImageSourceException("The image leads to others more deeply than is sensible.");
        var isPut = false;
        await _manifests.RunAsync(manifest.Digest, async () =>
        {
            if (await _target.HasAsync(manifest, cancellationToken))
            {
                _progress.AddPresent();
                // Its images are there; what refers to them may have come since.
                if (_options.Referrers) await CopyChildrenAsync(manifest, depth, cancellationToken);
            }
            else
            {
                await PutAsync(manifest, tags, depth, cancellationToken);
                isPut = true;
            }

            // Whoever was cut off may have stored it and not listed it.
            if (manifest.Content.Subject is not null && !_options.DryRun) await _listing.RunAsync(() => ListAsync(manifest, cancellationToken), cancellationToken);
        });
        foreach (var tag in tags)
        {
            if (!isPut && !_options.DryRun && await _target.FindTagAsync(tag, cancellationToken) != manifest.Digest) await _target.PutTagAsync(tag, manifest, cancellationToken);
            _progress.AddTag();
        }

        if (_options.Referrers && _asked.TryAdd(manifest.Digest, true)) _subjects.Enqueue((manifest.Digest, depth));
    }

    private async Task<bool> ListAsync(Manifest referrer, CancellationToken cancellationToken)
    {
        await _target.ListReferrerAsync(referrer, cancellationToken);
        return true;
    }

    private Task CopyChildrenAsync(Manifest manifest, int depth, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(manifest.Content.Manifests.Where(c => _types.Contains(c.MediaType)).DistinctBy(c => c.Digest), Parallelism(cancellationToken), async (child, token) =>
        {
            // The target may do without some of them.
            if (await FindAsync(new Reference(child.Digest), child.MediaType, token) is { } found) await CopyAsync(found, [], depth + 1, token);
        });

    private async Task PutAsync(Manifest manifest, IReadOnlyCollection<Tag> tags, int depth, CancellationToken cancellationToken)
    {
        await _target.CheckAsync(manifest, tags, cancellationToken);
        await CopyChildrenAsync(manifest, depth, cancellationToken);
        var blobs = manifest.Content.Blobs.Concat(manifest.Content.Manifests.Where(c => !_types.Contains(c.MediaType))).DistinctBy(b => b.Digest);
        await Parallel.ForEachAsync(blobs, Parallelism(cancellationToken), async (blob, token) => await _blobs.CopyAsync(blob, token));
        if (!_options.DryRun) await _target.PutManifestAsync(manifest, tags, cancellationToken);
        _progress.AddManifest();
    }

    // One after the other: a referrer may name what refers to another one.
    private async Task CopyReferrersAsync(CancellationToken cancellationToken)
    {
        while (_subjects.TryDequeue(out var next))
        {
            try
            {
                await foreach (var listed in _source.ListReferrersAsync(next.Subject, cancellationToken)) await CopyReferrerAsync(listed, next.Subject, next.Depth + 1, cancellationToken);
            }
            catch (ImageSourceException)
            {
                // Another tag may lead here again.
                _asked.TryRemove(next.Subject, out _);
                throw;
            }
        }
    }

    private async Task CopyReferrerAsync(Descriptor listed, Digest subject, int depth, CancellationToken cancellationToken)
    {
        try
        {
            // A list may name what is gone, or what refers to something else.
            if (await FindAsync(new Reference(listed.Digest), listed.MediaType, cancellationToken) is { } referrer && referrer.Content.Subject?.Digest == subject)
            {
                await CopyAsync(referrer, [], depth, cancellationToken);
            }
        }
        catch (Exception e) when (e is ImageSourceException or RegistryException)
        {
            // The image is whole without it.
            _progress.AddProblem($"{listed.Digest}, which refers to {subject}: {e.Message}");
        }
    }

    // A manifest need not say its own type where whoever names it does.
    private async Task<Manifest?> FindAsync(Reference reference, string? mediaType, CancellationToken cancellationToken)
    {
        if (await _source.FindManifestAsync(reference, cancellationToken) is not { } found) return null;
        var manifest = _types.Parse(found.MediaType ?? mediaType, found.Payload, reference.Digest?.Algorithm ?? DigestAlgorithm.Sha256);
        if (reference.Digest is { } digest && manifest.Digest != digest) throw new ImageSourceException($"The source sent another manifest than {digest}.");
        return manifest;
    }

    private ParallelOptions Parallelism(CancellationToken cancellationToken) => new() { MaxDegreeOfParallelism = _options.MaxParallel, CancellationToken = cancellationToken };

    private static bool Fits(string platform, string wanted) => platform == wanted || platform.StartsWith(wanted + "/", StringComparison.Ordinal);

    [GeneratedRegex(@"\Asha(256|512)-[a-f0-9]{32,64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex ReferrersTag();
}

/// <summary>Where images are copied from and to.</summary>
/// <param name="Source">Where they are.</param>
/// <param name="Target">Where they go.</param>
public sealed record CopyEnds(IImageSource Source, IImageTarget Target)
{
    /// <summary>Sends large blobs in parts to the target; null: they are sent whole.</summary>
    internal PartedBlobs? Parts { get; init; }
}
