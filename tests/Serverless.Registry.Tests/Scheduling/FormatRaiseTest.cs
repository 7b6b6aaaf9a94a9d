using Serverless.Registry.Core;
using Serverless.Registry.Scheduling;
using Serverless.Registry.Storage;
using Xunit;

namespace Serverless.Registry.Tests.Scheduling;

/// <summary>A registry whose rows are of format 1, and an instance of a release of format 2.</summary>
public abstract class FormatRaiseTest
{
    private protected const string Collect = "collect";
    private protected const string Verify = "verify";

    private protected static readonly RegistryFormat Old = new(1, 1);
    private protected static readonly RegistryFormat Next = new(2, 2);
    private protected static readonly TimeSpan Limit = TimeSpan.FromMinutes(25);
    private protected static readonly FormatRaiseOptions Options = new([Verify, Collect]);

    private protected TestRegistry Test { get; } = new();

    private protected TaskClaims Claims => new(Test.Tables, Test.Time);

    private protected List<ClaimNote> Notes { get; } = [];

    /// <summary>An instance of another release.</summary>
    private protected ContainerRegistry NewInstance(RegistryFormat format, ITableStore? tables = null) =>
        new(tables ?? Test.Tables, Test.Objects, Test.Options with { Format = format }, Test.Time);

    private protected Task<FormatRaised> RaiseAsync(FormatRaiseOptions? options = null, RegistryFormat? wanted = null, CancellationToken cancellationToken = default) =>
        NewInstance(Next).Format.RaiseAsync(wanted ?? Next, options ?? Options, Notes.Add, cancellationToken);

    private protected async Task<RegistryFormat?> StoredAsync() => (await NewInstance(Next).Format.ReadAsync(default)).Stored;

    private protected async Task<TaskClaim> ClaimAsync(string task)
    {
        var claim = await Claims.TryClaimAsync(task, TimeSpan.Zero, Limit, default);
        Assert.NotNull(claim);
        return claim;
    }

    /// <summary>How the tasks stand.</summary>
    private protected async Task<(TaskState? Collect, TaskState? Verify)> StatesAsync()
    {
        var board = await Claims.LookAsync(default);
        return (board.Find(Collect), board.Find(Verify));
    }

    /// <summary>Lets time pass until something is done.</summary>
    private protected async Task<T> AwaitAsync<T>(Task<T> task)
    {
        while (!task.IsCompleted)
        {
            Test.Time.Advance(TimeSpan.FromSeconds(5));
            await Task.Delay(1);
        }

        return await task;
    }
}
