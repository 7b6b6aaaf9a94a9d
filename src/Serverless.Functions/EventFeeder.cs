using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Serverless.Registry.Storage;
using Serverless.Web.Events;

namespace Serverless.Functions;

/// <summary>Passes the news of events on to the queue, while the answer to the request is on its way. What it cannot pass on the maintenance timer finds.</summary>
internal sealed partial class EventFeeder(EventSignals signals, EventQueue queue, ILogger<EventFeeder> logger) : BackgroundService
{
    private const int MaxParallel = 8;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                // A burst of changes to one repository is one message.
                var places = await signals.TakeAsync(stoppingToken);
                await Parallel.ForEachAsync(places, new ParallelOptions { MaxDegreeOfParallelism = MaxParallel }, async (place, _) =>
                {
                    try
                    {
                        // Whoever stops the process lets this come to its end.
                        await queue.SendAsync(place, TimeSpan.Zero, CancellationToken.None);
                    }
                    catch (StorageUnavailableException e)
                    {
                        LogNotSent(e);
                    }
                });
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The end.
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The queue did not take the news of events; they are delivered by the maintenance timer")]
    private partial void LogNotSent(Exception exception);
}
