using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Text.RegularExpressions;
using Serverless.Registry.Access;
using Serverless.Registry.Core;
using Serverless.Registry.Oci;

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

    private readonly RegistryContext _context;
    private readonly Repository _target;
    private readonly IImageSource _source;
    private readonly CopyOptions _options;
    private readonly CopyProgress _progress;
    private readonly ConcurrentDictionary<Digest, bool> _done = new();

    internal ImageCopy(RegistryContext context, Repository target, IImageSource source, CopyOptions options, CopyProgress progress) =>
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
        var manifest = await FindAsync(reference, cancellationToken) ?? throw new ImageSourceException($"The source has no {reference}.");
        if (_options.Platform is { } platform && manifest.Content.Manifests.Count > 0)
        {
            var wanted = manifest.Content.Manifests.FirstOrDefault(m => PlatformOf(m) is { } p && Fits(p, platform))
                ?? throw new ImageSourceException($"{reference} has no image for {platform}: there are {string.Join(", ", manifest.Content.Manifests.Select(PlatformOf).OfType<string>().Distinct())}.");
            manifest = await GetAsync(wanted.Digest, cancellationToken);
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
                if (ReferrersTag().IsMatch(tag.ToString()) && !_options.KeepReferrersTags)
                {
                    await CopyListedAsync(tag, cancellationToken);
                    continue;
                }

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

    // An index of the referrers tag schema lists what refers to a subject. Each says so itself, and becomes a referrer by that.
    private async Task CopyListedAsync(Tag tag, CancellationToken cancellationToken)
    {
        if (!_options.Referrers || await FindAsync(new Reference(tag), cancellationToken) is not { } index) return;
        foreach (var referrer in index.Content.Manifests) await CopyAsync(await GetAsync(referrer.Digest, cancellationToken), [], 1, cancellationToken);
    }

    private async Task CopyAsync(Manifest manifest, IReadOnlyCollection<Tag> tags, int depth, CancellationToken cancellationToken)
    {
        if (depth > MaxDepth) throw new ImageSourceException("The image leads to others more deeply than is sensible.");
        if (_done.TryAdd(manifest.Digest, true))
        {
            if (await _target.Manifests.FindAsync(new Reference(manifest.Digest), cancellationToken) is not null) _progress.AddPresent();
            else await PutAsync(manifest, tags, depth, cancellationToken);
            await CopyReferrersAsync(manifest.Digest, depth, cancellationToken);
        }

        foreach (var tag in tags) await SetAsync(tag, manifest.Digest, cancellationToken);
    }

    private async Task PutAsync(Manifest manifest, IReadOnlyCollection<Tag> tags, int depth, CancellationToken cancellationToken)
    {
        foreach (var child in manifest.Content.Manifests.Where(c => _context.Options.ManifestTypes.Contains(c.MediaType)))
        {
            // The target may do without some of them.
            if (await FindAsync(new Reference(child.Digest), cancellationToken) is { } found) await CopyAsync(found, [], depth + 1, cancellationToken);
        }

        var blobs = manifest.Content.Blobs.Concat(manifest.Content.Manifests.Where(c => !_context.Options.ManifestTypes.Contains(c.MediaType))).DistinctBy(b => b.Digest).Where(b => _done.TryAdd(b.Digest, true));
        await Parallel.ForEachAsync(blobs, new ParallelOptions { MaxDegreeOfParallelism = _options.MaxParallel, CancellationToken = cancellationToken }, async (blob, token) => await CopyAsync(blob, token));
        if (!_options.DryRun) await _target.Manifests.PutAsync(manifest, [.. tags], cancellationToken);
        _progress.AddManifest();
    }

    private async Task SetAsync(Tag tag, Digest digest, CancellationToken cancellationToken)
    {
        if ((await _target.Tags.FindAsync(tag, cancellationToken))?.Digest != digest && !_options.DryRun) await _target.Tags.PutAsync(tag, digest, cancellationToken);
        _progress.AddTag();
    }

    private async Task CopyReferrersAsync(Digest subject, int depth, CancellationToken cancellationToken)
    {
        if (!_options.Referrers) return;
        await foreach (var referrer in _source.ListReferrersAsync(subject, cancellationToken)) await CopyAsync(await GetAsync(referrer.Digest, cancellationToken), [], depth + 1, cancellationToken);
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
                await Task.Delay(e.RetryAfter ?? TimeSpan.FromSeconds(1 << attempt), _context.TimeProvider, cancellationToken);
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

    private async Task<Manifest> GetAsync(Digest digest, CancellationToken cancellationToken) =>
        await FindAsync(new Reference(digest), cancellationToken) ?? throw new ImageSourceException($"The source has no manifest {digest}, though it names it.");

    private async Task<Manifest?> FindAsync(Reference reference, CancellationToken cancellationToken)
    {
        if (await _source.FindManifestAsync(reference, cancellationToken) is not { } found) return null;
        var manifest = _context.Options.ManifestTypes.Parse(found.MediaType, found.Payload, reference.Digest?.Algorithm ?? DigestAlgorithm.Sha256);
        if (reference.Digest is { } digest && manifest.Digest != digest) throw new ImageSourceException($"The source sent another manifest than {digest}.");
        return manifest;
    }

    private static string? PlatformOf(Descriptor descriptor) => descriptor.Platform;

    private static bool Fits(string platform, string wanted) => platform == wanted || platform.StartsWith(wanted + "/", StringComparison.Ordinal);

    [GeneratedRegex(@"\Asha(256|512)-[a-f0-9]{32,64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex ReferrersTag();
}
