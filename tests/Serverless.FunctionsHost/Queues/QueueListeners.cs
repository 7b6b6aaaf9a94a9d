using System.Collections.Concurrent;
using Serverless.FunctionsHost.App;
using Serverless.FunctionsHost.Functions;
using Serverless.FunctionsHost.Workers;

namespace Serverless.FunctionsHost.Queues;

/// <summary>The listeners of all queue functions.</summary>
internal sealed class QueueListeners(FunctionIndex functions, QueueSettings settings, Invoker invoker, FunctionsHostOptions options, ConcurrentQueue<string> problems) : IDisposable
{
    private readonly CancellationTokenSource _dying = new();

    /// <summary>Ends when no more messages are taken and all that were are handled.</summary>
    public Task Listening { get; private set; } = Task.CompletedTask;

    /// <summary>Begins to take messages.</summary>
    /// <param name="timeProvider">The clock of the waits between looks at a queue; storage has its own.</param>
    /// <param name="stopping">Is cancelled when no more messages shall be taken.</param>
    public void Start(TimeProvider timeProvider, CancellationToken stopping) =>
        Listening = Task.WhenAll(functions.Queues.Values.Select(trigger => Create(trigger).RunAsync(timeProvider, stopping)));

    /// <summary>Waits until all messages that were taken are handled. Those that take longer are left as they are, and so out of sight until their time is over.</summary>
    public async Task StopAsync(TimeSpan limit)
    {
        await Task.WhenAny(Listening, Task.Delay(limit));
        await AbandonAsync();
    }

    /// <summary>Leaves all messages that were taken as they are, as a host does that dies.</summary>
    public async Task AbandonAsync()
    {
        await _dying.CancelAsync();
        await Listening;
    }

    public void Dispose() => _dying.Dispose();

    private QueueListener Create(QueueTrigger trigger) =>
        new(trigger, settings, new MessageHandler(trigger, settings, invoker, options.QueueVisibility, _dying.Token), invoker, problems);
}
