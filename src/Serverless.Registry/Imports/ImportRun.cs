using System.IO.Enumeration;
using Serverless.Registry.Copying;
using Serverless.Registry.Core;
using Serverless.Registry.Events;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Imports;

/// <summary>
/// Runs imports, one at a time and each by whoever claims it first. A run that is cut off leaves where it was, and the next one goes on: what is there is not sent again, tags that are done
/// are passed over, and large blobs go on behind their last part.
/// <code>
///   done                                      succeeded; failed, where tags could not be copied
///   the source is busy, or does not answer    again later, when it says so or after a growing pause; after eight times without getting any further: failed
///   the source does not have it, refuses      failed
///   it cannot be stored here                  failed
///   the registry is read-only                 again later
/// </code>
/// </summary>
public sealed class ImportRun
{
    private const int MaxFailures = 8;
    private const int MaxProblems = 20;

    private static readonly TimeSpan s_shortestPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(7);
    private static readonly TimeSpan s_readOnlyPause = TimeSpan.FromMinutes(5);

    private readonly RegistryContext _context;
    private readonly ImportStore _store;
    private readonly IImportSources _sources;
    private readonly NewCopy _open;

    internal ImportRun(RegistryContext context, ImportStore store, IImportSources sources, NewCopy open) =>
        (_context, _store, _sources, _open) = (context, store, sources, open);

    /// <summary>Bytes of a large blob after which what has come is kept; other than the copy's own only in tests.</summary>
    internal long PartSize { get; set; } = new CopyOptions().PartSize;

    /// <inheritdoc cref="ImportStore.SweepAsync"/>
    public Task<(IReadOnlyList<string> Open, int Purged)> SweepAsync(CancellationToken cancellationToken) => _store.SweepAsync(cancellationToken);

    /// <summary>How long it is until a time by storage's clock; zero when it has passed.</summary>
    public async Task<TimeSpan> UntilAsync(DateTimeOffset time, CancellationToken cancellationToken) =>
        time - await _store.NowAsync(cancellationToken) is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;

    /// <summary>Runs an import until it ends or has to wait.</summary>
    /// <param name="id">The import.</param>
    /// <param name="cancellationToken">Cuts the run off; the next one goes on.</param>
    /// <returns>When somebody should look again; null: it has ended.</returns>
    /// <exception cref="StorageUnavailableException">Storage does not answer; somebody should look again soon.</exception>
    /// <exception cref="OperationCanceledException">It was cut off.</exception>
    public async Task<DateTimeOffset?> RunAsync(string id, CancellationToken cancellationToken)
    {
        var pass = new ImportPass(MaxProblems);
        var (claim, next) = await ImportClaim.TryAsync(_context, _store, id, pass.Note, cancellationToken);
        if (claim is null) return next;
        await using (claim)
        {
            using var end = CancellationTokenSource.CreateLinkedTokenSource(claim.Lost, cancellationToken);
            try
            {
                var failure = await CopyAsync(claim, pass, end.Token);
                return await SettleAsync(claim, pass, failure, cancellationToken);
            }
            catch (OperationCanceledException) when (claim.Lost.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                return await _store.NowAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                // Whoever is to end is not kept by storage that does not answer; the claim would be over soon in any case.
                using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(5), _context.TimeProvider);
                await claim.ReleaseAsync(static import => import, pass.Cursor, soon.Token);
                throw;
            }
            catch (Exception e) when (e is not StorageUnavailableException)
            {
                // A bug: whoever finds it is told, and it is not found all day long.
                await SettleAsync(claim, pass, e, cancellationToken);
                throw;
            }
        }
    }

    /// <returns>Why not everything was copied; null: it was, or what was not is among the problems.</returns>
    private async Task<Exception?> CopyAsync(ImportClaim claim, ImportPass pass, CancellationToken cancellationToken)
    {
        var (row, request) = (claim.Row, claim.Row.Import.Request);
        try
        {
            if (!await _sources.StandsAsync(row.Import.Owner, cancellationToken)) throw new ImageSourceException("Whoever asked for it may not sign in any more.");
            if (await _store.NowAsync(cancellationToken) - row.Import.Created > s_longest) throw new ImageSourceException("It was not done within a week.");
            await _context.DemandWritableAsync(cancellationToken);
            using var source = await OpenAsync(row, cancellationToken);
            var options = new CopyOptions
            {
                Platform = request.Platform,
                Referrers = request.Referrers,
                MountFrom = Access.AccessRights.None,
                Notes = new ImportUploads(claim),
                PartSize = PartSize,
                Tags = pass.From(row.Cursor, tag => request.Tags.Count == 0 || request.Tags.Any(p => FileSystemName.MatchesSimpleExpression(p, tag.ToString(), ignoreCase: false))),
            };
            var copy = _open(request.Target, ChangeOrigin.Of(row.Import.Owner), source.Images, options, pass.Copied);
            if (request.Reference is { } reference)
            {
                await copy.CopyAsync(reference, (request.Tag ?? reference.Tag) is { } tag ? [tag] : [], cancellationToken);
                return null;
            }

            do await copy.CopyTagsAsync((tag, _, problem) => pass.Report(tag, problem, copy.LastFailure), cancellationToken);
            while (pass.BeginAgain());
            return pass.Interruption ?? (pass.HasNothing ? new ImageSourceException("The source has no such tag.") : null);
        }
        catch (Exception e) when (e is ImageSourceException or RegistryException)
        {
            return e;
        }
    }

    private async Task<OpenSource> OpenAsync(ImportRow row, CancellationToken cancellationToken)
    {
        if (row.Credentials is not { } hidden) return _sources.Open(row.Import.Request, null);
        return await _store.OpenAsync(row, hidden, cancellationToken) is { } credentials
            ? _sources.Open(row.Import.Request, credentials)
            : throw new ImageSourceException("The credentials cannot be read any more, because the registry's secret has changed. Ask for the import again.");
    }

    private async Task<DateTimeOffset?> SettleAsync(ImportClaim claim, ImportPass pass, Exception? failure, CancellationToken cancellationToken)
    {
        if (failure is null)
        {
            var failed = pass.FailedTags;
            await claim.EndAsync(failed == 0 ? ImportState.Succeeded : ImportState.Failed, failed == 0 ? null : $"{failed} tags could not be copied.", cancellationToken);
            return null;
        }

        var isReadOnly = failure is RegistryException { Error: var error } && error == RegistryError.Unsupported;
        if (!isReadOnly && !IsTransient(failure))
        {
            await claim.EndAsync(ImportState.Failed, Describe(failure), cancellationToken);
            return null;
        }

        // Of an import that gets further each time it does not matter how often it is cut off.
        var failures = isReadOnly ? claim.Row.Import.Failures : pass.HasDoneSomething ? 1 : claim.Row.Import.Failures + 1;
        if (failures >= MaxFailures)
        {
            await claim.EndAsync(ImportState.Failed, $"Given up after {failures} attempts: {Describe(failure)}", cancellationToken);
            return null;
        }

        var next = await _store.NowAsync(cancellationToken) + (isReadOnly ? s_readOnlyPause : Pause(failure, failures));
        await claim.ReleaseAsync(import => import with { Failures = failures, Reason = Describe(failure), Next = next }, pass.Cursor, cancellationToken);
        return next;
    }

    private static bool IsTransient(Exception failure) => failure switch
    {
        ImageSourceException e => e.IsTransient,
        RegistryException e => e.Error.Status == RegistryError.TooManyRequests.Status,
        // A bug may be one that comes and goes.
        _ => true,
    };

    private static TimeSpan Pause(Exception failure, int failures)
    {
        var growing = s_shortestPause * (1 << Math.Min(failures - 1, 6));
        var pause = growing < s_longestPause ? growing : s_longestPause;
        return failure is ImageSourceException { RetryAfter: { } asked } && asked > pause ? asked : pause;
    }

    // What is wrong with our own code is for the log.
    private static string Describe(Exception failure) => failure is ImageSourceException or RegistryException ? ImportPass.Clean(failure.Message) : "The registry failed.";
}

/// <summary>The uploads of an import's large blobs.</summary>
internal sealed class ImportUploads(ImportClaim claim) : IUploadNotes
{
    public UploadNote? Find(Digest digest) => claim.Row.Uploads.GetValueOrDefault(digest);

    public Task KeepAsync(Digest digest, UploadNote? note, CancellationToken cancellationToken) => claim.NoteUploadAsync(digest, note, cancellationToken);
}

/// <summary>Begins to copy into a repository of this registry.</summary>
internal delegate ImageCopy NewCopy(RepositoryName target, ChangeOrigin origin, IImageSource source, CopyOptions options, CopyProgress progress);
