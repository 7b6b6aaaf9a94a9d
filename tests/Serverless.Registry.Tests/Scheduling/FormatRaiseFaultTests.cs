using Serverless.Registry.Scheduling;
using Serverless.Testing;
using Xunit;

namespace Serverless.Registry.Tests.Scheduling;

/// <summary>A fault at every call to storage of whoever raises the format, one after the other.</summary>
public sealed class FormatRaiseFaultTests
{
    public static TheoryData<StorageFault> Faults => [.. Enum.GetValues<StorageFault>()];

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task The_numbers_are_the_old_ones_or_the_new_ones_and_all_claims_end(StorageFault fault)
    {
        var call = 0;
        while (await new Attempt().RunAsync(fault, call)) call++;
        // Three looks at what is stored, three at the tasks, a claim and its return for each of two tasks, and the row.
        Assert.InRange(call, 10, 20);
    }

    private sealed class Attempt : FormatRaiseTest
    {
        private readonly StorageProbe _probe = new();

        /// <returns>Whether there was a call of that number.</returns>
        public async Task<bool> RunAsync(StorageFault fault, int call)
        {
            await Test.Repository.Blobs.PutAsync(Any.Content(10), default);
            using (var run = await ClaimAsync(Verify)) await run.FinishAsync(default);
            var before = await StatesAsync();
            var stores = _probe.Watch((Test.Tables, Test.Objects));
            var registry = new ContainerRegistry(stores.Tables, stores.Objects, Test.Options with { Format = Next }, Test.Time);
            _probe.FailAt(call, fault);
            FormatRaised? result = null;
            var failed = await StorageFaults.FailsAsync(async () => result = await AwaitAsync(registry.Format.RaiseAsync(Next, Options, Notes.Add, default)));
            var reached = _probe.Calls.Count > call;
            var stored = await StoredAsync();
            Assert.Contains(stored, new[] { Old, Next });
            if (!failed) Assert.Equal((new FormatRaised.Raised(Next), Next), (result, stored));
            if (fault == StorageFault.Replay) Assert.False(failed);
            if (!failed && Notes.Count == 0) Assert.Equal(before, await StatesAsync());

            // Whatever is still held ends by itself, and the next attempt does the rest.
            Test.Time.Advance(Options.Wait + TimeSpan.FromMinutes(10));
            using (var free = await ClaimAsync(Collect)) await free.ReturnAsync(default);
            Assert.Equal(stored == Next ? new FormatRaised.Already(Next) : new FormatRaised.Raised(Next), await RaiseAsync(Options with { Wait = TimeSpan.Zero }));
            foreach (var task in (string[])[Collect, Verify])
            {
                using var claim = await ClaimAsync(task);
            }

            return reached;
        }
    }
}
