using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Text.RegularExpressions;
using Serverless.Registry.Access;
using Serverless.Registry.Blobs;
using Serverless.Registry.Core;
using Serverless.Registry.Manifests;
using Serverless.Registry.Oci;
using Serverless.Registry.Tags;

namespace Serverless.Registry.Copying;

/// <summary>
/// Copies images from a source into a repository: what an image names before the image, an index after its images, what refers to an image after it.
/// <code>
///   manifest -> is it here? then so is all that it names
///            -> children, one after the other, each like this one
///            -> blobs, some at a time: here? in another repository here (mounted)? else sent from the source
///            -> the manifest, then its tags
///            -> what refers to it, each like this one
/// </code>
/// A copy that is cut off is gone on with by the next one, which sends nothing that has arrived whole.
/// </summary>
public sealed partial class ImageCopy
{
    // How often a blob is begun anew when its source breaks off.
    private const int MaxAttempts = 4;

    // As deep as indexes and referrers may lead.
    private const int MaxDepth = 16;

    // Platforms that a message names.
    private const int MaxNamed = 30;

    // Longer than that nobody is waited for who says that he is busy.
    private static readonly TimeSpan s_longestWait = TimeSpan.FromMinutes(5);

    private readonly RegistryContext _context;
    private readonly CopyTarget _target;
    private readonly IImageSource _source;
    private readonly CopyOptions _options;
    private readonly CopyProgress _progress;
    private readonly ConcurrentDictionary<Digest, bool> _done = new();
    private readonly ConcurrentDictionary<Digest, bool> _asked = new();

    internal ImageCopy(RegistryContext context, CopyTarget target, IImageSource source, CopyOptions options, CopyProgress progress) =>
        (_context, _target, _source, _options, _progress) = (context, target, source, options, progress);

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
            var wanted = manifest.Content.Manifests.FirstOrDefault(m => PlatformOf(m) is { } p && Fits(p, platform))
                ?? throw new ImageSourceException($"{reference} has no image for {platform}: there are {string.Join(", ", manifest.Content.Manifests.Select(PlatformOf).OfType<string>().Distinct().Take(MaxNamed))}.");
            manifest = await GetAsync(wanted, cancellationToken);
        }

        await CopyAsync(manifest, tags, 0, cancellationToken);
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
                report(tag, null, e.Message);
            }
        }

        return failed;
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
        return true;
    }

    private async Task CopyAsync(Manifest manifest, IReadOnlyCollection<Tag> tags, int depth, CancellationToken cancellationToken)
    {
        if (depth > MaxDepth) throw new ImageSourceException("The image leads to others more deeply than is sensible.");
        var isPut = false;
        await OnceAsync(manifest.Digest, async () =>
        {
            if (await _target.Manifests.FindAsync(new Reference(manifest.Digest), cancellationToken) is null)
            {
                await PutAsync(manifest, tags, depth, cancellationToken);
                isPut = true;
                return;
            }

            _progress.AddPresent();
            // Its images are here; what refers to them may have come since.
            if (_options.Referrers) await CopyChildrenAsync(manifest, depth, cancellationToken);
        });
        foreach (var tag in tags)
        {
            if (!isPut) await SetAsync(tag, manifest.Digest, cancellationToken);
            _progress.AddTag();
        }

        if (_options.Referrers && _asked.TryAdd(manifest.Digest, true)) await CopyReferrersAsync(manifest.Digest, depth, cancellationToken);
    }

    private async Task CopyChildrenAsync(Manifest manifest, int depth, CancellationToken cancellationToken)
    {
        foreach (var child in manifest.Content.Manifests.Where(c => _context.Options.ManifestTypes.Contains(c.MediaType)))
        {
            // The target may do without some of them.
            if (await FindAsync(new Reference(child.Digest), child.MediaType, cancellationToken) is { } found) await CopyAsync(found, [], depth + 1, cancellationToken);
        }
    }

    private async Task PutAsync(Manifest manifest, IReadOnlyCollection<Tag> tags, int depth, CancellationToken cancellationToken)
    {
        await CopyChildrenAsync(manifest, depth, cancellationToken);
        var blobs = manifest.Content.Blobs.Concat(manifest.Content.Manifests.Where(c => !_context.Options.ManifestTypes.Contains(c.MediaType))).DistinctBy(b => b.Digest);
        await Parallel.ForEachAsync(blobs, new ParallelOptions { MaxDegreeOfParallelism = _options.MaxParallel, CancellationToken = cancellationToken }, async (blob, token) => await OnceAsync(blob.Digest, () => CopyAsync(blob, token)));
        if (!_options.DryRun) await _target.Manifests.PutAsync(manifest, [.. tags], cancellationToken);
        _progress.AddManifest();
    }

    // What many images name is looked at once; what has failed, again with the next image that names it.
    private async Task OnceAsync(Digest digest, Func<Task> copy)
    {
        if (!_done.TryAdd(digest, true)) return;
        try
        {
            await copy();
        }
        catch
        {
            _done.TryRemove(digest, out _);
            throw;
        }
    }

    private async Task SetAsync(Tag tag, Digest digest, CancellationToken cancellationToken)
    {
        if ((await _target.Tags.FindAsync(tag, cancellationToken))?.Digest != digest && !_options.DryRun) await _target.Tags.PutAsync(tag, digest, cancellationToken);
    }

    private async Task CopyReferrersAsync(Digest subject, int depth, CancellationToken cancellationToken)
    {
        await foreach (var listed in _source.ListReferrersAsync(subject, cancellationToken))
        {
            try
            {
                // A list may name what is gone, or what refers to something else.
                if (await FindAsync(new Reference(listed.Digest), listed.MediaType, cancellationToken) is { } referrer && referrer.Content.Subject?.Digest == subject)
                {
                    await CopyAsync(referrer, [], depth + 1, cancellationToken);
                }
            }
            catch (Exception e) when (e is ImageSourceException or RegistryException)
            {
                // The image is whole without it.
                _progress.AddProblem($"{listed.Digest}, which refers to {subject}: {e.Message}");
            }
        }
    }

    private async Task CopyAsync(Descriptor blob, CancellationToken cancellationToken)
    {
        if (await _target.Blobs.FindAndKeepAsync(blob.Digest, cancellationToken) is not null || await MountAsync(blob.Digest, cancellationToken))
        {
            _progress.AddPresent();
            return;
        }

        _progress.Expect(blob.Size);
        if (_options.DryRun) return;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                if (!await SendAsync(blob, cancellationToken)) return;
                _progress.AddBlob();
                return;
            }
            catch (ImageSourceException e) when (e.IsTransient && attempt < MaxAttempts)
            {
                var wait = e.RetryAfter ?? TimeSpan.FromSeconds(1 << attempt);
                await Task.Delay(wait < s_longestWait ? wait : s_longestWait, _context.TimeProvider, cancellationToken);
            }
        }
    }

    private async Task<bool> MountAsync(Digest digest, CancellationToken cancellationToken) =>
        !_options.DryRun
        && await _target.Blobs.FindSourceAsync(digest, AccessRights.All, cancellationToken) is { } from
        && await _target.Blobs.MountAsync(digest, from, cancellationToken) is not null;

    /// <returns>False when the source does not have it, which the target may do without: then the manifest is refused if it may not.</returns>
    private async Task<bool> SendAsync(Descriptor blob, CancellationToken cancellationToken)
    {
        if (await _source.OpenBlobAsync(blob, 0, cancellationToken) is not { } stream) return false;
        await using (stream)
        {
            var body = PipeReader.Create(new CountedStream(stream, _progress), new StreamPipeReaderOptions(bufferSize: 128 * 1024));
            try
            {
                await _target.Blobs.PutAsync(body, blob.Digest, cancellationToken);
                return true;
            }
            catch (RegistryException e) when (e.Error == RegistryError.DigestInvalid)
            {
                throw new ImageSourceException($"The source sent other bytes than those of {blob.Digest}.", e);
            }
            finally
            {
                await body.CompleteAsync();
            }
        }
    }

    private async Task<Manifest> GetAsync(Descriptor named, CancellationToken cancellationToken) =>
        await FindAsync(new Reference(named.Digest), named.MediaType, cancellationToken) ?? throw new ImageSourceException($"The source has no manifest {named.Digest}, though it names it.");

    // A manifest need not say its own type where whoever names it does.
    private async Task<Manifest?> FindAsync(Reference reference, string? mediaType, CancellationToken cancellationToken)
    {
        if (await _source.FindManifestAsync(reference, cancellationToken) is not { } found) return null;
        var manifest = _context.Options.ManifestTypes.Parse(found.MediaType ?? mediaType, found.Payload, reference.Digest?.Algorithm ?? DigestAlgorithm.Sha256);
        if (reference.Digest is { } digest && manifest.Digest != digest) throw new ImageSourceException($"The source sent another manifest than {digest}.");
        return manifest;
    }

    private static string? PlatformOf(Descriptor descriptor) => descriptor.Variant is { } variant ? $"{descriptor.Platform}/{variant}" : descriptor.Platform;

    private static bool Fits(string platform, string wanted) => platform == wanted || platform.StartsWith(wanted + "/", StringComparison.Ordinal);

    [GeneratedRegex(@"\Asha(256|512)-[a-f0-9]{32,64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex ReferrersTag();
}

/// <summary>The repository that images are copied into.</summary>
internal sealed record CopyTarget(BlobStore Blobs, ManifestStore Manifests, TagStore Tags);
