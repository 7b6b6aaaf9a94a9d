using System.Text.Json.Nodes;
using Serverless.FunctionsHost.App;
using Serverless.FunctionsHost.Grpc;

namespace Serverless.FunctionsHost.Workers;

/// <summary>
/// What host and worker say to each other before the first invocation:
/// <code>
/// host    WorkerInitRequest          FunctionsMetadataRequest                FunctionLoadRequest, for each function
/// worker  StartStream  WorkerInitResponse{HttpUri}  FunctionMetadataResponse  FunctionLoadResponse, for each
/// </code>
/// </summary>
/// <param name="HttpUri">Where the worker takes HTTP requests.</param>
/// <param name="FunctionIds">The worker's own names of the functions.</param>
internal sealed record WorkerHandshake(Uri HttpUri, IReadOnlyDictionary<string, string> FunctionIds)
{
    private const string AddressCapability = "HttpUri";

    /// <exception cref="HostRefusesException">The worker fails at something, or has other functions than functions.metadata.</exception>
    /// <exception cref="OperationCanceledException">The worker is gone.</exception>
    public static async Task<WorkerHandshake> RunAsync(WorkerChannel channel, PublishedFolder app)
    {
        var init = new JsonObject { ["hostVersion"] = "4.1037.0", ["workerDirectory"] = app.Root, ["functionAppDirectory"] = app.Root };
        var ready = await AskAsync(channel, "workerInitRequest", init, "workerInitResponse");
        if (ready["capabilities"]?[AddressCapability] is not JsonValue address)
        {
            throw new HostRefusesException("The worker takes no HTTP requests itself, so that bodies would not stream; it must call ConfigureFunctionsWebApplication.");
        }

        var told = await AskAsync(channel, "functionsMetadataRequest", new JsonObject { ["functionAppDirectory"] = app.Root }, "functionMetadataResponse");
        var functions = told["functionMetadataResults"]!.AsArray().ToDictionary(f => f!["name"]!.GetValue<string>(), f => f!.AsObject());
        if (!functions.Keys.Order(StringComparer.Ordinal).SequenceEqual(app.Functions.Select(f => f.Name)))
        {
            throw new HostRefusesException($"The worker reports the functions {Join(functions.Keys)}; functions.metadata has {Join(app.Functions.Select(f => f.Name))}. The folder is of two builds.");
        }

        foreach (var function in functions.Values)
        {
            await AskAsync(channel, "functionLoadRequest", new JsonObject { ["functionId"] = function["functionId"]!.DeepClone(), ["metadata"] = function.DeepClone() }, "functionLoadResponse");
        }

        return new WorkerHandshake(new Uri(address.GetValue<string>()), functions.ToDictionary(f => f.Key, f => f.Value["functionId"]!.GetValue<string>()));
    }

    private static async Task<JsonObject> AskAsync(WorkerChannel channel, string request, JsonObject content, string response)
    {
        var answer = await channel.AskAsync(request, content, response);
        return answer["result"]?["status"]?.GetValue<string>() == "Success" ? answer : throw new HostRefusesException($"The worker fails at {request}: {answer["result"]?.ToJsonString()}");
    }

    private static string Join(IEnumerable<string> names) => string.Join(", ", names.Order(StringComparer.Ordinal));
}
