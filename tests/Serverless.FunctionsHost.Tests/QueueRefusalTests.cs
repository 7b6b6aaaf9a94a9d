using Xunit;

namespace Serverless.FunctionsHost.Tests;

/// <summary>Queue functions that the host would not run, or only by luck.</summary>
public sealed class QueueRefusalTests : IDisposable
{
    private const string Runs = "here it ends";

    private static readonly (string Name, string Value) s_storage = ("Storage", "UseDevelopmentStorage=true");

    private readonly AppFolder _app = new();

    public void Dispose() => _app.Dispose();

    [Theory]
    [InlineData("events", Runs)]
    [InlineData("a-1", Runs)]
    [InlineData("%Name%", Runs)]
    [InlineData("ab", "no name of a queue")]
    [InlineData("Events", "no name of a queue")]
    [InlineData("events_1", "no name of a queue")]
    [InlineData("events--1", "no name of a queue")]
    [InlineData("-events", "no name of a queue")]
    [InlineData("events-", "no name of a queue")]
    [InlineData("ereignisse-für-alle", "no name of a queue")]
    [InlineData("a23456789012345678901234567890123456789012345678901234567890123x", "no name of a queue")]
    [InlineData("a2345678901234567890123456789012345678901234567890123456x", "can have no queue of poison messages")]
    [InlineData("events-poison", "can have no queue of poison messages")]
    [InlineData("%Events%", "there is no app setting 'Events'")]
    [InlineData("%Events__Queue%", "A name with '__' never resolves")]
    public Task Names_are_those_that_storage_takes(string queue, string expected)
    {
        _app.AddQueue("Events", queue);
        return AssertRefusedAsync(expected, s_storage, ("Name", "events"), ("Events__Queue", "events"));
    }

    [Theory]
    [InlineData("Other", "UseDevelopmentStorage=true", "there is no app setting 'Storage' with a connection string")]
    [InlineData("Storage", "", "'Storage' is empty")]
    [InlineData("Storage", "AccountName=a", "cannot be used")]
    [InlineData("Storage__queueServiceUri", "https://account.queue.core.windows.net", "a connection with an identity")]
    [InlineData("Storage__accountName", "account", "a connection with an identity")]
    [InlineData("AzureWebJobsStorage__accountName", "account", "'AzureWebJobsStorage' is a connection with an identity")]
    [InlineData("AzureWebJobsStorage", "UseDevelopmentStorage=true", Runs)]
    [InlineData("ConnectionStrings__Storage", "UseDevelopmentStorage=true", Runs)]
    public Task The_connection_is_a_connection_string(string setting, string value, string expected)
    {
        _app.AddQueue("Events", "events");
        return AssertRefusedAsync(expected, (setting, value));
    }

    [Theory]
    [InlineData("AzureWebJobs.Events.Disabled", "true", Runs)]
    [InlineData("AzureWebJobs_Events_Disabled", "1", Runs)]
    [InlineData("AzureWebJobs.Events.Disabled", "false", "there is no app setting 'Storage'")]
    [InlineData("AzureWebJobs.Events.Disabled", "yes", "with true or 1 only")]
    [InlineData("AzureWebJobs__Events__Disabled", "true", "Name it AzureWebJobs.Events.Disabled.")]
    [InlineData("AzureWebJobs.Event.Disabled", "true", "there is no such function")]
    public Task Only_a_function_that_is_disabled_needs_no_connection(string setting, string value, string expected)
    {
        _app.AddQueue("Events", "events");
        return AssertRefusedAsync(expected, (setting, value));
    }

    [Fact]
    public Task A_host_without_the_extension_for_queues()
    {
        _app.WriteExtensions("Startup");
        _app.AddQueue("Events", "events");
        return AssertRefusedAsync("does not list AzureStorageQueues", s_storage);
    }

    [Theory]
    [InlineData("Binary", "\"properties\":{}", "its message is no string")]
    [InlineData("String", "\"properties\":{\"supportsDeferredBinding\":\"True\"}", "properties")]
    [InlineData("String", "\"cardinality\":\"many\"", "cardinality")]
    [InlineData("String", "\"properties\":{}},{\"type\":\"queue\",\"direction\":\"Out\",\"name\":\"$return\"", "no other binding")]
    public Task A_trigger_that_is_more_than_text(string dataType, string more, string expected)
    {
        _app.AddQueue("Events", "events", dataType: dataType, more: more);
        return AssertRefusedAsync(expected, s_storage);
    }

    [Theory]
    [InlineData("""{}""", Runs)]
    [InlineData("""{"messageEncoding":"none"}""", Runs)]
    [InlineData("""{"messageEncoding":"Base64","maxDequeueCount":1,"visibilityTimeout":"00:00:30","batchSize":32,"newBatchThreshold":0,"maxPollingInterval":"00:00:00.1000000"}""", Runs)]
    [InlineData("""{"messageEncoding":"utf8"}""", "messageEncoding is 'utf8'; it must be base64 or none")]
    [InlineData("""{"messageEncoding":null}""", "messageEncoding has no value")]
    [InlineData("""{"maxDequeueCount":0}""", "maxDequeueCount is '0'")]
    [InlineData("""{"maxDequeueCount":2.5}""", "maxDequeueCount is '2.5'")]
    [InlineData("""{"batchSize":33}""", "batchSize is '33'; it must be a whole number from 1 to 32")]
    [InlineData("""{"newBatchThreshold":-1}""", "newBatchThreshold is '-1'")]
    [InlineData("""{"visibilityTimeout":30}""", "visibilityTimeout is '30'")]
    [InlineData("""{"visibilityTimeout":"8.00:00:00"}""", "to seven days")]
    [InlineData("""{"maxPollingInterval":"00:00:00.0990000"}""", "maxPollingInterval")]
    [InlineData("""{"maxPollInterval":"00:00:01"}""", "'maxPollInterval' is not one of")]
    [InlineData("""[]""", "it must be an object")]
    public Task A_host_file_that_says_of_queues_what_the_extension_does_not_know(string queues, string expected)
    {
        _app.Write("host.json", $$$"""{"version":"2.0","extensions":{"http":{"routePrefix":""},"queues":{{{queues}}}}}""");
        return AssertRefusedAsync(expected);
    }

    [Fact]
    public Task An_app_setting_that_overrides_it_is_looked_at_too() =>
        AssertRefusedAsync("maxDequeueCount is 'five'", ("AzureFunctionsJobHost__extensions__queues__maxDequeueCount", "five"));

    private async Task AssertRefusedAsync(string expected, params (string Name, string Value)[] settings) =>
        Assert.Contains(expected, (await Assert.ThrowsAsync<HostRefusesException>(() => _app.StartAsync(settings))).Message, StringComparison.Ordinal);
}
