using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Serverless.Registry.Events;
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
            // A burst of changes to one repository is one message.
            while (true) await SendAsync(await signals.TakeAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What has come until now is passed on all the same.
            await SendAsync(signals.TakeAll());
        }
    }

    private Task SendAsync(IReadOnlyCollection<EventPlace> places) => Parallel.ForEachAsync(places, new ParallelOptions { MaxDegreeOfParallelism = MaxParallel }, async (place, _) =>
    {
        try
        {
            await queue.SendAsync(place, TimeSpan.Zero, CancellationToken.None);
        }
        catch (Exception e)
        {
            // Whatever it is, an exception that left this class would end the process, and with it requests that have nothing to do with events.
            LogNotSent(e);
        }
    });

    [LoggerMessage(Level = LogLevel.Warning, Message = "The queue did not take the news of events; they are delivered by the maintenance timer")]
    private partial void LogNotSent(Exception exception);
}
