using System.Diagnostics;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using Xunit;

namespace Serverless.FunctionsHost.Tests;

/// <summary>A queue of one function of the small worker, with the settings that connect the two.</summary>
internal sealed class TestQueue
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private readonly string _function;
    private readonly string _connectionString;

    public TestQueue(string function, string connectionString)
    {
        (_function, _connectionString) = (function, connectionString);
        var service = new QueueServiceClient(connectionString);
        var name = $"queue-{Guid.NewGuid():N}";
        (Queue, Poison) = (service.GetQueueClient(name), service.GetQueueClient(name + "-poison"));
    }

    public QueueClient Queue { get; }

    public QueueClient Poison { get; }

    /// <summary>A queue that is there.</summary>
    public static async Task<TestQueue> CreateAsync(string function, string connectionString)
    {
        var queue = new TestQueue(function, connectionString);
        await queue.Queue.CreateAsync();
        return queue;
    }

    /// <summary>The settings with which the function reads it: as text, and without long waits, unless <paramref name="more"/> says otherwise.</summary>
    public (string Name, string Value)[] Settings(params (string Name, string Value)[] more) =>
    [
        ($"AzureWebJobs.{_function}.Disabled", "false"), ($"{_function}Queue", Queue.Name), ("FixtureStorage", _connectionString),
        Option("messageEncoding", "none"), Option("maxPollingInterval", "00:00:00.2000000"), .. more,
    ];

    /// <summary>A member of host.json's <c>extensions.queues</c>.</summary>
    public static (string Name, string Value) Option(string name, string value) => ($"AzureFunctionsJobHost__extensions__queues__{name}", value);

    /// <summary>Waits until all its messages are deleted.</summary>
    public Task WaitUntilEmptyAsync() => WaitForAsync(async () => (await Queue.GetPropertiesAsync()).Value.ApproximateMessagesCount == 0);

    /// <summary>The message that there is to be taken, as soon as there is one.</summary>
    public static async Task<QueueMessage> TakeAsync(QueueClient queue)
    {
        QueueMessage? message = null;
        await WaitForAsync(async () => await queue.ExistsAsync() && (message = await queue.ReceiveMessageAsync()) is not null);
        return message!;
    }

    private static async Task WaitForAsync(Func<Task<bool>> isSoAsync)
    {
        var begin = Stopwatch.GetTimestamp();
        while (!await isSoAsync())
        {
            Assert.True(Stopwatch.GetElapsedTime(begin) < s_patience, "The queue does not come to that.");
            await Task.Delay(20);
        }
    }
}
