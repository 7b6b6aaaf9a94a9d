using System.Runtime.CompilerServices;
using Serverless.Registry.Storage;

namespace Serverless.Registry.GarbageCollection;

/// <summary>
/// Goes through one queue from a place on, looks at many of its rows at the same time, and says how far it has come.
/// </summary>
/// <param name="run">The run.</param>
/// <param name="queue">The rows.</param>
/// <param name="reached">Told of each place before which everything has been looked at.</param>
internal sealed class QueueWalk(CollectionRun run, RowQuery queue, Func<string, CancellationToken, Task> reached)
{
    private readonly OrderedProgress _progress = new();
    private string? _told;
    private bool _cutOff;

    /// <summary>Looks at groups of rows that stand side by side.</summary>
    /// <param name="from">The place to go on after; null begins at the beginning.</param>
    /// <param name="share">Until so much of the run's time has passed.</param>
    /// <param name="size">Rows in a group, at most.</param>
    /// <param name="select">Which rows are looked at; asked one by one and in order.</param>
    /// <param name="visit">The look.</param>
    /// <param name="cancellationToken">Ends the walk.</param>
    /// <returns>Whether it has come to the end of the queue.</returns>
    public async Task<bool> RunAsync(
        string? from, double share, int size, Func<TableRow, CancellationToken, Task<bool>> select, Func<IReadOnlyList<TableRow>, CancellationToken, Task> visit, CancellationToken cancellationToken)
    {
        _cutOff = false;
        var groups = GroupsAsync(from, share, size, select, cancellationToken);
        if (run.Options.MaxParallel > 1)
        {
            var options = new ParallelOptions { MaxDegreeOfParallelism = run.Options.MaxParallel, CancellationToken = cancellationToken };
            await Parallel.ForEachAsync(groups, options, VisitAsync);
        }
        else
        {
            // On the caller's own thread, if he has one.
            await foreach (var group in groups) await VisitAsync(group, cancellationToken);
        }

        await TellAsync(cancellationToken);
        return !_cutOff;

        async ValueTask VisitAsync((IReadOnlyList<TableRow> Rows, OrderedProgress.Entry Entry) group, CancellationToken token)
        {
            await visit(group.Rows, token);
            _progress.End(group.Entry);
        }
    }

    private async IAsyncEnumerable<(IReadOnlyList<TableRow> Rows, OrderedProgress.Entry Entry)> GroupsAsync(
        string? from, double share, int size, Func<TableRow, CancellationToken, Task<bool>> select, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        List<TableRow> group = [];
        await foreach (var row in run.Context.Tables.ListFromAsync(TableKeys.SystemTable, queue, from, cancellationToken))
        {
            if (run.IsOutOfTime(share))
            {
                _cutOff = true;
                break;
            }

            if (!await select(row, cancellationToken)) continue;
            if (group.Count == size || (group.Count > 0 && group[0].Key.Partition != row.Key.Partition))
            {
                yield return Begin(group);
                group = [];
                await TellAsync(cancellationToken);
            }

            group.Add(row);
        }

        if (group.Count > 0 && !_cutOff) yield return Begin(group);
    }

    private (IReadOnlyList<TableRow> Rows, OrderedProgress.Entry Entry) Begin(List<TableRow> group) => (group, _progress.Begin(TableStoreExtensions.PlaceOf(group[^1].Key)));

    // Of those who walk at once only one asks for the next group, so only one tells.
    private async Task TellAsync(CancellationToken cancellationToken)
    {
        if (_progress.Reached is not { } place || place == _told) return;
        _told = place;
        await reached(place, cancellationToken);
    }
}
