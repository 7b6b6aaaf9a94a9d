using System.Diagnostics;
using System.Text.Json;
using Azure.Storage.Queues;
using Serverless.Testing;
using Xunit;

namespace Serverless.FunctionsHost.Tests;

/// <summary>Queues of Azurite, whose messages the host gives to functions.</summary>
[Collection(FixtureCollection.Name)]
public sealed class QueueTests(PublishedFixture fixture, AzuriteServer azurite) : IClassFixture<AzuriteServer>
{
    [Fact]
    public async Task A_message_reaches_the_function_with_what_is_known_of_it_and_is_deleted()
    {
        var queue = await TestQueue.CreateAsync("Take", azurite.ConnectionString);
        var sent = (await queue.Queue.SendMessageAsync("grüße & <more>")).Value;
        await using var host = await StartAsync(queue);
        await queue.WaitUntilEmptyAsync();
        var (text, metadata) = Taken(host);
        Assert.Equal("grüße & <more>", text);
        Assert.Equal("grüße & <more>", metadata.GetProperty("QueueTrigger").GetString());
        Assert.Equal("1", metadata.GetProperty("DequeueCount").GetString());
        Assert.Equal(sent.MessageId, metadata.GetProperty("Id").GetString());
        Assert.NotEqual("", metadata.GetProperty("PopReceipt").GetString());
        Assert.Equal(sent.InsertionTime, Time(metadata, "InsertionTime"));
        Assert.Equal(sent.ExpirationTime, Time(metadata, "ExpirationTime"));
        Assert.True(Time(metadata, "NextVisibleTime") > sent.InsertionTime.AddMinutes(9));
        Assert.Equal(["Take"], host.Host.Queues);
        Assert.False(await queue.Poison.ExistsAsync());
    }

    [Fact]
    public async Task Members_of_a_JSON_object_hide_properties_of_the_message()
    {
        var queue = await TestQueue.CreateAsync("Take", azurite.ConnectionString);
        await queue.Queue.SendMessageAsync("""{"id":"mine","target":{"a":1},"list":[1],"none":null}""");
        await using var host = await StartAsync(queue);
        await queue.WaitUntilEmptyAsync();
        var (text, metadata) = Taken(host);
        Assert.Equal("""{"id":"mine","target":{"a":1},"list":[1],"none":null}""", text);
        var id = Assert.Single(metadata.EnumerateObject(), m => m.NameEquals("Id") || m.NameEquals("id"));
        Assert.Equal("mine", id.Value.GetString());
        Assert.Equal("""{"a":1}""", metadata.GetProperty("target").GetString());
        Assert.DoesNotContain(metadata.EnumerateObject(), m => m.Name is "list" or "none");
    }

    [Fact]
    public async Task Unless_told_otherwise_messages_are_Base64()
    {
        var queue = await TestQueue.CreateAsync("Take", azurite.ConnectionString);
        await queue.Queue.SendMessageAsync(Convert.ToBase64String("grüße"u8));
        await using var host = await StartAsync(queue, TestQueue.Option("messageEncoding", "base64"));
        await queue.WaitUntilEmptyAsync();
        Assert.Equal("grüße", Taken(host).Text);
    }

    [Fact]
    public async Task A_message_that_cannot_be_decoded_is_poison_at_once_and_as_it_is()
    {
        var queue = await TestQueue.CreateAsync("Take", azurite.ConnectionString);
        await queue.Queue.SendMessageAsync("not Base64!");
        await using var host = await StartAsync(queue, TestQueue.Option("messageEncoding", "base64"), TestQueue.Option("visibilityTimeout", "00:10:00"));
        Assert.Equal("not Base64!", (await TestQueue.TakeAsync(queue.Poison)).MessageText);
        await queue.WaitUntilEmptyAsync();
        Assert.DoesNotContain("Take:", host.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_that_is_no_text_fails_as_often_as_one_that_the_function_fails_at()
    {
        var queue = await TestQueue.CreateAsync("Take", azurite.ConnectionString);
        var text = Convert.ToBase64String([0xFF]);
        await queue.Queue.SendMessageAsync(text);
        await using var host = await StartAsync(queue, TestQueue.Option("messageEncoding", "base64"));
        Assert.Equal(text, (await TestQueue.TakeAsync(queue.Poison)).MessageText);
        Assert.DoesNotContain("Take:", host.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_five_failures_a_message_is_poison()
    {
        var queue = await TestQueue.CreateAsync("Reject", azurite.ConnectionString);
        await queue.Queue.SendMessageAsync("hot");
        await using var host = await StartAsync(queue);
        Assert.Equal("hot", (await TestQueue.TakeAsync(queue.Poison)).MessageText);
        await queue.WaitUntilEmptyAsync();
        Assert.All(Enumerable.Range(1, 5), time => Assert.Contains($"Reject: hot, try {time}", host.Output, StringComparison.Ordinal));
        Assert.DoesNotContain("try 6", host.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task How_often_and_after_what_time_it_is_tried_again_is_set()
    {
        var queue = await TestQueue.CreateAsync("Reject", azurite.ConnectionString);
        await queue.Queue.SendMessageAsync("hot");
        await using var host = await StartAsync(queue, TestQueue.Option("maxDequeueCount", "2"), TestQueue.Option("visibilityTimeout", "00:00:02"));
        await host.WaitForAsync("try 1");
        var begin = Stopwatch.GetTimestamp();
        await host.WaitForAsync("try 2");
        Assert.InRange(Stopwatch.GetElapsedTime(begin).TotalSeconds, 1.5, 10);
        await TestQueue.TakeAsync(queue.Poison);
        Assert.DoesNotContain("try 3", host.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_that_was_tried_often_enough_before_is_not_tried_again()
    {
        var queue = await TestQueue.CreateAsync("Take", azurite.ConnectionString);
        await queue.Queue.SendMessageAsync("old");
        for (var time = 1; time <= 2; time++)
        {
            var taken = await TestQueue.TakeAsync(queue.Queue);
            await queue.Queue.UpdateMessageAsync(taken.MessageId, taken.PopReceipt, visibilityTimeout: TimeSpan.Zero);
        }

        await using var host = await StartAsync(queue, TestQueue.Option("maxDequeueCount", "2"));
        Assert.Equal("old", (await TestQueue.TakeAsync(queue.Poison)).MessageText);
        Assert.DoesNotContain("Take:", host.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_that_is_to_be_seen_later_is_taken_later()
    {
        var queue = await TestQueue.CreateAsync("Take", azurite.ConnectionString);
        await using var host = await StartAsync(queue);
        await queue.Queue.SendMessageAsync("later", visibilityTimeout: TimeSpan.FromSeconds(2));
        var begin = Stopwatch.GetTimestamp();
        await host.WaitForAsync("Take: later");
        Assert.InRange(Stopwatch.GetElapsedTime(begin).TotalSeconds, 1.5, 10);
    }

    [Fact]
    public async Task A_queue_that_is_not_there_is_not_created_but_read_once_it_is()
    {
        var queue = new TestQueue("Take", azurite.ConnectionString);
        await using var host = await StartAsync(queue);
        await Task.Delay(500);
        Assert.False(await queue.Queue.ExistsAsync());
        await queue.Queue.CreateAsync();
        await queue.Queue.SendMessageAsync("first");
        await host.WaitForAsync("Take: first");
    }

    [Fact]
    public async Task A_message_stays_the_hosts_as_long_as_the_function_runs()
    {
        var queue = await TestQueue.CreateAsync("Wait", azurite.ConnectionString);
        await queue.Queue.SendMessageAsync("5");
        await using var host = await FixtureHost.StartAsync(fixture.Folder, queue.Settings(), o => o with { QueueVisibility = TimeSpan.FromSeconds(2) });
        await host.WaitForAsync("Wait: 5 over");
        await queue.WaitUntilEmptyAsync();
        Assert.Equal(2, host.Output.Split("Wait: 5 begun").Length);
    }

    [Fact]
    public async Task Many_are_handled_beside_each_other_and_no_more_than_is_set()
    {
        var queue = await TestQueue.CreateAsync("Wait", azurite.ConnectionString);
        for (var message = 0; message < 6; message++) await queue.Queue.SendMessageAsync("2");
        await using var host = await StartAsync(queue, TestQueue.Option("batchSize", "2"), TestQueue.Option("newBatchThreshold", "1"));
        await host.WaitForAsync("Wait: 2 over");
        Assert.Equal(3, host.Output.Split("Wait: 2 over")[0].Split("Wait: 2 begun").Length);
        await queue.WaitUntilEmptyAsync();
        Assert.Equal(7, host.Output.Split("Wait: 2 over").Length);
    }

    [Fact]
    public async Task When_the_worker_dies_the_next_one_gets_the_message()
    {
        var queue = await TestQueue.CreateAsync("Wait", azurite.ConnectionString);
        await queue.Queue.SendMessageAsync("3");
        await using var host = await StartAsync(queue);
        await host.WaitForAsync("Wait: 3 begun");
        await host.KillAsync();
        await queue.WaitUntilEmptyAsync();
        Assert.Equal(3, host.Output.Split("Wait: 3 begun").Length);
    }

    [Fact]
    public async Task A_queue_that_the_connection_opens_not_is_a_problem()
    {
        var queue = await TestQueue.CreateAsync("Take", azurite.ConnectionString);
        var wrong = azurite.ConnectionString.Replace("AccountKey=E", "AccountKey=F", StringComparison.Ordinal);
        await using var host = await FixtureHost.StartAsync(fixture.Folder, queue.Settings(("FixtureStorage", wrong)), expectsProblems: true);
        for (var i = 0; i < 400 && host.Host.Problems.Count == 0; i++) await Task.Delay(20);
        Assert.Contains($"The queue {queue.Queue.Name} cannot be read", host.Host.Problems.First(), StringComparison.Ordinal);
    }

    private Task<FixtureHost> StartAsync(TestQueue queue, params (string Name, string Value)[] more) => FixtureHost.StartAsync(fixture, queue.Settings(more));

    // What the function prints.
    private static (string Text, JsonElement Metadata) Taken(FixtureHost host)
    {
        var line = Assert.Single(host.Output.Split('\n'), l => l.StartsWith("Take: ", StringComparison.Ordinal));
        var parts = line["Take: ".Length..].Split(" with ", 2);
        using var metadata = JsonDocument.Parse(parts[1]);
        return (parts[0], metadata.RootElement.Clone());
    }

    private static DateTimeOffset Time(JsonElement metadata, string name) => JsonSerializer.Deserialize<DateTimeOffset>(metadata.GetProperty(name).GetString()!);
}
