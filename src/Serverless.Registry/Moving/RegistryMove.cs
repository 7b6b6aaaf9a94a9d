using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Moving;

/// <summary>
/// Moves everything that a registry has stored to other stores, where it is the same registry: the same id, accounts, keys, secrets, queues. The source is only read. It can be repeated, and does what is left;
/// all runs but the last may be made while people push.
/// <code>
///   another registry's target, or a complete one?              refused
///   row of the identity, without the marker                    nobody can write to the target from here on
///   list the target's objects
///   each digest:      bytes, hashed on their way; then !; then links
///   each repository:  manifests, each after what it names; then referrers and tags
///   the system table
///   the last run      was the source written to? refused
///                     what the source does not have goes from the target, in the opposite order
///                     the marker: the target is complete
/// </code>
/// So wherever it ends, what can be read in the target is right. While people push, a row may name what had been passed when it came: it is left to the next run (<see cref="NamedRows"/>). What becomes of each
/// kind of row is in <see cref="MovedRows"/>.
/// </summary>
public sealed class RegistryMove
{
    private readonly RegistryContext _source;
    private readonly RegistryContext _target;

    internal RegistryMove(RegistryContext source, RegistryContext target) => (_source, _target) = (source, target);

    /// <summary>Moves what the target does not have.</summary>
    /// <param name="options">Choices.</param>
    /// <param name="progress">Counts what is done, for somebody who watches.</param>
    /// <param name="report">Told of what does not come along; null: nobody.</param>
    /// <param name="cancellationToken">Stops it; the next run goes on.</param>
    /// <exception cref="RegistryException">
    /// UNSUPPORTED: the source has no id, or is of a newer release; the target holds something else; for the last run the source is not read-only, or has been written to all the same.
    /// </exception>
    /// <exception cref="StorageUnavailableException">Storage did not answer.</exception>
    /// <exception cref="InvalidDataException">A store does not keep the order of rows.</exception>
    /// <exception cref="IOException">A store broke off.</exception>
    public async Task<MoveResult> RunAsync(MoveOptions options, MoveProgress progress, Action<MoveFinding>? report, CancellationToken cancellationToken)
    {
        var seen = await _source.Shared.ReadAsync(cancellationToken);
        if (seen.Find(TableKeys.Format) is { } format) _source.Options.Format.Demand(format, collects: false);
        var id = await DemandSourceAsync(cancellationToken);
        if (options is { Final: true, DryRun: false }) await DemandReadOnlyAsync(options.Rest, cancellationToken);
        var run = new MoveRun(_source, _target, options, progress, report) { Began = seen.Time };
        var claim = new TargetClaim(run);
        await claim.DemandAsync(id, cancellationToken);
        if (!options.DryRun) await claim.TakeAsync(seen.Find(TableKeys.Identity)!, cancellationToken);
        await MoveAsync(run, cancellationToken);
        if (options is { Final: true, DryRun: false })
        {
            await DemandReadOnlyAsync(options.Rest, cancellationToken);
            await claim.CompleteAsync(id, cancellationToken);
            return new MoveResult(true, true);
        }

        await _source.Shared.ReadAsync(cancellationToken);
        return new MoveResult(false, (await _source.Switches.GetAsync(cancellationToken)).ReadOnly);
    }

    private static async Task MoveAsync(MoveRun run, CancellationToken cancellationToken)
    {
        var objects = await TargetObjects.ReadAsync(run.Target.Objects, cancellationToken);
        await new BlobsMove(run, objects).RunAsync(cancellationToken);
        // What names them would dangle.
        if (run.Progress.Failed > 0) throw new StorageUnavailableException($"{run.Progress.Failed} blobs are not moved because storage failed, and so no manifests. Run it again: it goes on.");
        var newest = await new RowsMove(run, TableKeys.RegistryTable).RunAsync(cancellationToken);
        await new RowsMove(run, TableKeys.SystemTable).RunAsync(cancellationToken);
        if (!run.Options.Final) return;
        if (!run.Options.DryRun && newest > run.Began - run.Options.Rest)
        {
            throw MoveRun.Refuse($"a repository of the source was written to at {newest.UtcDateTime:u}, and the run began at {run.Began.UtcDateTime:u}. What is read-only is so for all instances, and nothing is under way, two minutes later: then run it again");
        }

        await new RowRemoval(run).RunAsync(objects, cancellationToken);
    }

    private async Task<string> DemandSourceAsync(CancellationToken cancellationToken)
    {
        var report = await _source.Identity.ReadAsync(cancellationToken);
        if (report.Tables is null) throw MoveRun.Refuse("nothing was ever written to the source, so there is nothing to move");
        return report.Agrees ? report.Tables : throw MoveRun.Refuse("tables and container of the source are not of one registry ('registry identity')");
    }

    private async Task DemandReadOnlyAsync(TimeSpan rest, CancellationToken cancellationToken)
    {
        var seen = await _source.Shared.ReadAsync(cancellationToken);
        if (!(await _source.Switches.GetAsync(cancellationToken)).ReadOnly)
        {
            throw MoveRun.Refuse("the source is not read-only. Set Registry:ReadOnly for all of its instances, and for this tool, wait two minutes and run it again");
        }

        if (seen.Find(TableKeys.Switches) is { } set && seen.Time - set.Timestamp < rest) throw MoveRun.Refuse($"the source is read-only since {set.Timestamp.UtcDateTime:u} only. Wait two minutes and run it again");
    }
}
