using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Serverless.Registry.Scheduling;
using Serverless.Registry.Storage;
using Serverless.Registry.Tags;

namespace Serverless.Registry.Adoption;

/// <summary>
/// Makes the storage of distribution (the azure driver), in the registry's own container, this registry's: rows are written as a push writes them, and blobs stay where they are.
/// <code>
///   is another registry's marker there?                 refused
///   claim the tasks that collect and verify, and keep them from running until the end
///   list all that lies there; is anything young?        refused, for somebody may still write
///   the marker, if there is none; read it: ours
///   each repository: manifests, each after the blobs and manifests that it names; then tags
///     a blob, the first time:   insert !, insert ~a, upsert the link, in one batch
///     its ~a is there, no !:    it was collected since; its bytes may be about to be deleted under that name: a copy under a random one
/// </code>
/// The names of the bytes are not random, so it is <c>~a</c> that keeps an old collector, which is about to delete the bytes of a blob without links, from deleting those of a blob that is in use again:
/// <c>!</c> names each of them once only. What is cut off is repeated, and finds what is here already.
/// </summary>
public sealed class DistributionAdoption
{
    /// <summary>For how long nothing may have been written: whoever still writes cannot be seen in any other way.</summary>
    public static readonly TimeSpan RestBefore = TimeSpan.FromHours(1);

    private const int RepositoriesAtOnce = 8;

    private readonly RegistryContext _context;

    internal DistributionAdoption(RegistryContext context) => _context = context;

    /// <summary>Adopts what lies under a root directory.</summary>
    /// <param name="options">Choices.</param>
    /// <param name="progress">Counts what is done, for somebody who watches.</param>
    /// <param name="report">Told of what is left out; null: nobody.</param>
    /// <param name="wait">Told of tasks that are waited for; null: nobody.</param>
    /// <param name="cancellationToken">Stops it; what is adopted stays, and the next run goes on.</param>
    /// <exception cref="RegistryException">
    /// UNSUPPORTED: nothing lies there; it is another registry's, or lies among this one's own bytes; something was written there a short while ago; a task runs; the registry is read-only.
    /// </exception>
    /// <exception cref="StorageUnavailableException">Storage did not answer; or so late that the tasks may run again.</exception>
    public async Task RunAsync(AdoptOptions options, AdoptProgress progress, Action<AdoptFinding>? report, Action<ClaimNote>? wait, CancellationToken cancellationToken)
    {
        if (!options.DryRun) await _context.DemandWritableAsync(cancellationToken);
        var layout = await DistributionLayout.FindAsync(_context.Objects, options.Root, cancellationToken)
            ?? throw Refuse($"nothing of distribution lies under {(options.Root.Length > 0 ? $"the root directory {options.Root}" : "the root of the container")} (docker/registry/v2/...)");
        if (await layout.IsAmongOwnAsync(_context.Objects, cancellationToken))
        {
            throw Refuse($"{layout.Prefix} lies where the registry has its own bytes, and deletes what it does not know. Give the registry another Storage:TablePrefix, or copy with 'registry copy'");
        }

        var run = new AdoptRun(_context, layout, options, progress, report);
        var marker = new AdoptMarker(run);
        var id = RegistryIdentity.Report(await _context.Shared.ReadAsync(cancellationToken), null).Tables;
        await marker.DemandAsync(id, cancellationToken);
        if (options.DryRun)
        {
            await CountAsync(run, cancellationToken);
            await AdoptAsync(run, cancellationToken);
            return;
        }

        await using var held = new HeldTasks(_context.Tables, _context.TimeProvider, wait, cancellationToken);
        if (await held.TakeAsync(options.Tasks, options.Wait) is { } running) throw Refuse($"{running.Task} runs, until {running.Until.UtcDateTime:u} at the latest. Wait for it, or stop who runs it");
        try
        {
            await CountAsync(run, held.Token);
            await marker.PutAsync(id ?? throw new InvalidDataException("The registry has no identity though it may be written to."), held.Token);
            await AdoptAsync(run, held.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested && held.Token.IsCancellationRequested)
        {
            throw new StorageUnavailableException("Storage answered so late that the tasks which must not run meanwhile may run again. Run it again: it goes on.", e);
        }
    }

    private static async Task CountAsync(AdoptRun run, CancellationToken cancellationToken)
    {
        var inventory = await AdoptInventory.ReadAsync(run.Context.Objects, run.Layout, cancellationToken);
        var now = (await run.Context.Shared.ReadAsync(cancellationToken)).Time;
        if (!run.Options.Force && inventory.Newest is { } newest && now - newest.LastModified < RestBefore)
        {
            throw Refuse($"{newest.Name} was written at {newest.LastModified.UtcDateTime:u}, less than an hour ago. Stop whoever still writes there and wait until the hour is over, or say that nobody does (--force)");
        }

        run.Progress.Expected = inventory.Repositories;
    }

    private static async Task AdoptAsync(AdoptRun run, CancellationToken cancellationToken)
    {
        var pulls = new PullNotes(run.Context.Tables, run.Context.TimeProvider);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = RepositoriesAtOnce, CancellationToken = cancellationToken };
        var repositories = AdoptInventory.ListAsync(run.Context.Objects, run.Layout, cancellationToken);
        await Parallel.ForEachAsync(repositories, parallel, async (stored, token) =>
        {
            var name = stored.Name;
            if (!RepositoryName.TryParse(name, out var repository)) run.Report(AdoptFindingKind.Refused, null, name, "this is no name for a repository");
            else if (!run.Context.Options.Scope.Contains(repository)) run.Report(AdoptFindingKind.Refused, repository, name, "the registry's settings (Scope) leave it out");
            else if (run.Context.Options.FindMirror(repository) is { } mirror) run.Report(AdoptFindingKind.Refused, repository, name, $"it would belong to the mirror {mirror.Name}, which keeps nothing for long");
            else await new RepositoryAdoption(run, repository, stored, pulls).RunAsync(token);
        });
    }

    private static RegistryException Refuse(string message) => new(RegistryError.Unsupported, message);
}
