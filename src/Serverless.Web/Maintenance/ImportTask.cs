using System.Collections.Concurrent;
using System.Globalization;
using Serverless.Registry.Imports;
using Serverless.Registry.Storage;
using Serverless.Web.Imports;
using Serverless.Web.Settings;

namespace Serverless.Web.Maintenance;

/// <summary>
/// Imports go on that nobody is at, and those that ended a month ago go. Where the process runs imports anyway it is only told of them; else they have this turn's time, and what is not
/// done by then goes on with the next.
/// </summary>
internal sealed class ImportTask(ImportRun imports, ImportSignals signals, ImportSettings settings, TimeProvider time) : IMaintenanceTask
{
    public string Name => MaintenanceSettings.ImportImages;

    public async Task<MaintenanceReport> RunAsync(MaintenanceTurn turn, CancellationToken cancellationToken)
    {
        var (open, purged) = await imports.SweepAsync(cancellationToken);
        var isFinished = true;
        if (signals.IsHeard) foreach (var id in open) signals.Raise(id);
        else isFinished = open.Count == 0 || await RunAsync(open, turn.Budget, cancellationToken);
        return new MaintenanceReport(
            string.Create(CultureInfo.InvariantCulture, $"imports that had not ended: {open.Count}; that ended long ago and were dropped: {purged}{(isFinished ? "" : "; out of time, the rest comes with the next run")}"), isFinished);
    }

    /// <returns>Whether there was time for all of them.</returns>
    private async Task<bool> RunAsync(IReadOnlyList<string> open, TimeSpan budget, CancellationToken cancellationToken)
    {
        using var budgetEnd = new CancellationTokenSource(budget < TimeSpan.FromDays(1) ? budget : TimeSpan.FromDays(1), time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(budgetEnd.Token, cancellationToken);
        var failures = new ConcurrentQueue<Exception>();
        try
        {
            await Parallel.ForEachAsync(open, new ParallelOptions { MaxDegreeOfParallelism = settings.MaxParallel, CancellationToken = end.Token }, async (id, token) =>
            {
                try
                {
                    await imports.RunAsync(id, token);
                }
                catch (Exception e) when (e is not StorageUnavailableException && !token.IsCancellationRequested)
                {
                    // The others may well be imported.
                    failures.Enqueue(e);
                }
            });
        }
        catch (OperationCanceledException) when (budgetEnd.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }

        return failures.IsEmpty ? true : throw new AggregateException("Some imports failed; they are tried again.", failures);
    }
}
