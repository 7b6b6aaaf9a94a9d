using System.Text.Json.Serialization;

namespace Serverless.AzureStorage.Tables;

[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class TableJsonContext : JsonSerializerContext;
