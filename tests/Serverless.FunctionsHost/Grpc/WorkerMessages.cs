using System.Reflection;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Serverless.FunctionsHost.Grpc;

/// <summary>
/// The messages between host and worker, as JSON: <c>{"requestId":"...","invocationRequest":{...}}</c>. Their classes are internal to the worker's library, but the descriptors
/// in it tell all that the JSON mapping of protocol buffers needs.
/// </summary>
/// <remarks>https://protobuf.dev/programming-guides/json</remarks>
internal static class WorkerMessages
{
    private const string Library = "Microsoft.Azure.Functions.Worker.Grpc";

    private static readonly MessageDescriptor s_message = FindDescriptor();

    // Otherwise the first value of an enumeration, such as the status of a failure, would be missing.
    private static readonly JsonFormatter s_formatter = new(JsonFormatter.Settings.Default.WithFormatDefaultValues(true));

    public static JsonObject Read(byte[] message) => JsonNode.Parse(s_formatter.Format(s_message.Parser.ParseFrom(message)))!.AsObject();

    public static byte[] Write(JsonObject message) => JsonParser.Default.Parse(message.ToJsonString(), s_message).ToByteArray();

    private static MessageDescriptor FindDescriptor()
    {
        var reflection = Assembly.Load(Library).GetType($"{Library}.Messages.FunctionRpcReflection", throwOnError: true)!;
        var file = (FileDescriptor)reflection.GetProperty("Descriptor", BindingFlags.Public | BindingFlags.Static)!.GetValue(null)!;
        return file.FindTypeByName<MessageDescriptor>("StreamingMessage");
    }
}
