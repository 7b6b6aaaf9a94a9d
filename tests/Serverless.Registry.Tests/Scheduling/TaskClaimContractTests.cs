using Microsoft.Extensions.Time.Testing;
using Serverless.Registry.Storage;
using Serverless.Registry.Storage.InMemory;
using Serverless.Testing;

namespace Serverless.Registry.Tests.Scheduling;

public sealed class TaskClaimContractTests : TaskClaimContract
{
    private readonly FakeTimeProvider _time = new();

    public TaskClaimContractTests() => Store = new InMemoryTableStore(_time);

    protected override ITableStore Store { get; }

    protected override TimeProvider Time => _time;

    protected override Task WaitAsync(TimeSpan time)
    {
        _time.Advance(time);
        return Task.CompletedTask;
    }
}
