using System.IO.Pipelines;
using Microsoft.Extensions.Time.Testing;
using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Serverless.Testing;
using Xunit;
using static Serverless.Registry.Tests.TestRegistry;

namespace Serverless.Registry.Tests.Core;

public sealed class BodyMemoryTests
{
    private const int Piece = BodyMemory.PieceSize;

    private readonly FakeTimeProvider _time = new();
    private readonly BodyMemory _memory;

    public BodyMemoryTests() => _memory = new BodyMemory(4 * Piece, _time);

    [Fact]
    public async Task Who_finds_none_waits_in_order_of_arrival()
    {
        var all = await Sender().TakeAsync(4 * Piece);
        // The second needs less and waits all the same.
        var (large, small) = (Sender().TakeAsync(3 * Piece).AsTask(), Sender().TakeAsync(Piece).AsTask());
        Assert.Equal(2, _memory.Waiting);
        all.Append(new byte[2 * Piece]);
        all.Trim();
        Assert.False(large.IsCompleted || small.IsCompleted);
        all.Dispose();
        await Task.WhenAll(large, small);
        Assert.Equal(0, _memory.Left);
    }

    [Fact]
    public async Task Nobody_overtakes_who_waits()
    {
        using var some = await Sender().TakeAsync(2 * Piece);
        var waiting = Sender().TakeAsync(3 * Piece).AsTask();
        Assert.Null(Sender().TryTake(Piece));
        some.Dispose();
        (await waiting).Dispose();
        Assert.NotNull(Sender().TryTake(Piece));
    }

    [Fact]
    public async Task Who_goes_away_makes_room_for_the_next()
    {
        using var some = await Sender().TakeAsync(2 * Piece);
        using var gone = new CancellationTokenSource();
        var (large, small) = (Sender(gone.Token).TakeAsync(3 * Piece).AsTask(), Sender().TakeAsync(2 * Piece).AsTask());
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => large);
        await small;
    }

    [Fact]
    public async Task Nothing_is_lost_when_many_come_and_go()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(seed => Task.Run(async () =>
        {
            var random = new SeededGenerator((ulong)seed);
            for (var i = 0; i < 500; i++)
            {
                using var gone = new CancellationTokenSource();
                using var sender = Sender(gone.Token);
                var taking = sender.TakeAsync((random.Next(4) + 1) * Piece).AsTask();
                if (random.Next(4) == 0) await gone.CancelAsync();
                await Task.Yield();
                try
                {
                    using var taken = await taking;
                    taken.Append(new byte[random.Next(Piece)]);
                    if (random.Next(2) == 0) taken.Trim();
                }
                catch (OperationCanceledException)
                {
                    Assert.True(gone.IsCancellationRequested);
                }
            }
        })));
        Assert.Equal((4 * Piece, 0), (_memory.Left, _memory.Waiting));
    }

    [Fact]
    public async Task More_than_there_will_ever_be_is_a_bug() =>
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Sender().TakeAsync((4 * Piece) + 1).AsTask());

    [Fact]
    public async Task A_slow_sender_is_cut_off_when_others_wait()
    {
        var (slow, reading) = await BeginAsync();
        using var waits = Sender();
        var waiting = waits.TakeAsync(Piece).AsTask();
        for (var second = 1; second < BodySender.Window.TotalSeconds; second++)
        {
            slow.Came(BodySender.SlowestRate - 1);
            _time.Advance(TimeSpan.FromSeconds(1));
            Assert.False(reading.IsCompleted, $"Cut off after {second} s.");
        }

        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(RegistryError.SenderTooSlow, (await Assert.ThrowsAsync<RegistryException>(() => reading)).Error);
        Assert.False(waiting.IsCompleted);
    }

    [Fact]
    public async Task A_slow_sender_goes_on_where_nobody_waits()
    {
        var (_, reading) = await BeginAsync();
        _time.Advance(TimeSpan.FromHours(1));
        Assert.False(reading.IsCompleted);
        // Nor does the time before count against him.
        using var waits = Sender();
        var waiting = waits.TakeAsync(Piece).AsTask();
        _time.Advance(BodySender.Window - TimeSpan.FromSeconds(1));
        Assert.False(reading.IsCompleted);
        Assert.False(waiting.IsCompleted);
    }

    [Fact]
    public async Task A_sender_that_is_fast_enough_goes_on()
    {
        var (sender, reading) = await BeginAsync();
        using var waits = Sender();
        var waiting = waits.TakeAsync(Piece).AsTask();
        for (var second = 0; second < 60; second++)
        {
            sender.Came(BodySender.SlowestRate);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.False(reading.IsCompleted);
        Assert.False(waiting.IsCompleted);
    }

    [Fact]
    public async Task Time_in_which_the_body_is_not_waited_for_does_not_count()
    {
        var pipe = new Pipe();
        using var sender = new BodySender(_memory, pipe.Reader, default);
        using var all = await sender.TakeAsync(4 * Piece);
        using var waits = Sender();
        var waiting = waits.TakeAsync(Piece).AsTask();
        // Storage takes an hour for what came.
        _time.Advance(TimeSpan.FromHours(1));
        var reading = sender.ReadAsync().AsTask();
        _time.Advance(BodySender.Window - TimeSpan.FromSeconds(1));
        Assert.False(reading.IsCompleted);
        await pipe.Writer.WriteAsync(new byte[] { 1 });
        await reading;
        Assert.False(waiting.IsCompleted);
    }

    [Fact]
    public async Task A_sender_that_holds_nothing_is_not_cut_off()
    {
        using var all = await Sender().TakeAsync(4 * Piece);
        using var idle = new BodySender(_memory, new Pipe().Reader, default);
        var reading = idle.ReadAsync().AsTask();
        using var waits = Sender();
        var waiting = waits.TakeAsync(Piece).AsTask();
        _time.Advance(TimeSpan.FromHours(1));
        Assert.False(reading.IsCompleted);
        Assert.False(waiting.IsCompleted);
    }

    private async Task<(BodySender Sender, Task Reading)> BeginAsync()
    {
        var sender = new BodySender(_memory, new Pipe().Reader, default);
        await sender.TakeAsync(4 * Piece);
        return (sender, sender.ReadAsync().AsTask());
    }

    private BodySender Sender(CancellationToken cancellationToken = default) => new(_memory, Body([]), cancellationToken);
}
